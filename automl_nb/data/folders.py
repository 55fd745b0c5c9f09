"""A folder of pictures as a table: one row a file, the class is the subfolder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from automl_nb.core.errors import SourceError
from automl_nb.data.parts import PARTS
from automl_nb.data.pictures import ENDINGS, is_picture_name
from automl_nb.data.table import Table


def read_folder(folder: Path) -> Table:
    """List the pictures below a folder.

    The first subfolder is the class. Where the subfolders are called train, valid or
    test, they say the part, and the class is the one below. Hidden files are passed
    over, and so are links that lead out of the folder. Nothing is opened yet.

    Returns:
        Columns ``image`` (path below the folder), ``label`` (where there are subfolders)
        and ``split`` (where they name parts), sorted by path.

    Raises:
        SourceError: There is no picture.
    """
    root = folder.resolve()
    found = sorted(_pictures(root))
    if not found:
        raise SourceError(
            "A folder must hold pictures, best in one subfolder for each class.",
            received=str(folder),
            hint=f"Known endings: {', '.join(sorted(ENDINGS))}.",
        )
    columns: dict[str, list[str | None]] = {"image": ["/".join(parts) for parts in found]}
    tops = {parts[0].casefold() for parts in found if len(parts) > 1}
    by_part = bool(tops) and tops <= set(PARTS) and all(len(parts) > 2 for parts in found)
    level = 1 if by_part else 0
    if tops:
        columns["label"] = [parts[level] if len(parts) > level + 1 else None for parts in found]
    if by_part:
        columns["split"] = [PARTS[parts[0].casefold()] for parts in found]
    return Table.of(
        pd.DataFrame(columns),
        f"{len(found)} pictures in {folder}",
        root,
        label="label" if tops else "",
        split_column="split" if by_part else "",
    )


def refuse_flat(folder: Path) -> None:
    """Refuse pictures without the subfolders that would name their classes.

    Raises:
        SourceError: There are pictures, and none of them is in a subfolder.
    """
    n = 0
    for parts in _pictures(folder.resolve()):
        if len(parts) > 1:
            return
        n += 1
    if n:
        raise SourceError(
            "A folder of pictures needs one subfolder for each class.",
            received=f"{folder}: {n} picture{'' if n == 1 else 's'}, none in a subfolder",
            hint="Move each picture into a subfolder that has its class as name, or give a table "
            "with a column of paths and one of labels.",
        )


def _pictures(root: Path) -> Iterator[tuple[str, ...]]:
    for path in root.rglob("*"):
        parts = path.relative_to(root).parts
        hidden = any(part.startswith((".", "__MACOSX")) for part in parts)
        if hidden or not is_picture_name(path.name) or not path.is_file():
            continue
        if path.resolve().is_relative_to(root):
            yield parts
