"""Data frames to files and to the terminal."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from automl_nb.core.errors import SettingError
from automl_nb.core.places import check_place
from automl_nb.core.show.messages import say
from automl_nb.core.show.text import columns
from automl_nb.core.show.words import UNKNOWN, clip

MOST_WIDE = 100


def out(text: str) -> None:
    """Whole lines to standard output."""
    sys.stdout.write(text.rstrip("\n") + "\n")


def frame_of(answers: Any, model: Any) -> Any:
    """Answers as a data frame; its column is named after the label."""
    import pandas as pd

    if isinstance(answers, pd.DataFrame):
        return answers
    label = getattr(getattr(model, "task", None), "label", "prediction")
    return pd.DataFrame({label: list(answers)})


def writer_of(target: str) -> Callable[[Any], None]:
    """Writes a data frame to a file by its ending, or as CSV to standard output.

    Raises:
        SettingError: The ending is none that can be written.
    """
    writers: dict[str, Callable[[Any], None]] = {
        "": lambda frame: frame.to_csv(sys.stdout, index=False),
        ".csv": lambda frame: frame.to_csv(target, index=False),
        ".tsv": lambda frame: frame.to_csv(target, index=False, sep="\t"),
        ".jsonl": lambda frame: frame.to_json(
            target, orient="records", lines=True, force_ascii=False
        ),
        ".parquet": lambda frame: frame.to_parquet(target, index=False),
    }
    ending = Path(target).suffix.casefold() if target else ""
    if target and (not ending or ending not in writers):
        raise SettingError(
            "--out must end in .csv, .tsv, .jsonl or .parquet.",
            received=target,
            hint="Without --out the answers are printed.",
        )
    check_place(target)
    return writers[ending]


def show_frame(frame: Any, wanted: tuple[str, ...]) -> None:
    """Print those of the wanted columns of a data frame that are there."""
    heads = [name for name in wanted if name in frame.columns]
    rows = [[_shown(value) for value in row] for row in frame[heads].itertuples(index=False)]
    if not rows:
        out(say("nothing"))
        return
    out("\n".join(columns([heads, *rows], words=tuple(range(len(heads))))))


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4f}" if math.isfinite(value) else UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    return clip(str(value), MOST_WIDE)
