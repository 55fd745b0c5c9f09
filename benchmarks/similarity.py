"""Whether tasks that look alike help each other: similarity against measured transfer gain.

    python -m benchmarks.similarity similarity [SEED [TASKS [ROWS]]]

Each of eight text tasks is a source once: `fit` tunes MiniLM-L3 to it. Each other task is then
learnt from few rows by a ridge head on the features of the tuned network and on those of the
original one; the difference of the two accuracies is the gain of the pair. All pairs give the
rank correlation (Spearman) of every similarity with the gain, over all pairs and as the mean
within each target, where some tasks are simply easier to help. Halves of one data set are among
the tasks, so that there are pairs that do look alike.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import data
from benchmarks.cases import Bar, Case, Probe

FEW = 8  # rows a class that a target is learnt from
DRAWS = 5
JUDGED = 400
BACKBONE = "minilm-l3"
LENGTH = 64


def similarity(seed: int = 0, most_tasks: int = 8, rows: int = 900) -> dict[str, Any]:
    """Spearman's rank correlations, and the pairs that they were computed from."""
    os.environ["AUTOML_NB_MEMORY"] = "off"  # these runs are no tasks of a person's
    tasks = dict(list(_tasks(seed, rows).items())[:most_tasks])
    original = {name: _features(frame, BACKBONE) for name, frame in tasks.items()}
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        for source, frame in tasks.items():
            tuned = _tuned(frame, Path(folder), source, seed)
            if not tuned:
                continue
            for target, other in tasks.items():
                if source != target:
                    gain = _gain(other, original[target], _features(other, tuned), seed)
                    alike = _alike(frame, original[source], other, original[target])
                    pairs.append({"source": source, "target": target, "gain": gain, **alike})
    measures = [key for key in pairs[0] if key not in {"source", "target", "gain"}] if pairs else []
    return {
        "n_pairs": len(pairs),
        "mean_gain": round(float(np.mean([pair["gain"] for pair in pairs])), 4) if pairs else None,
        **{f"{name}_spearman": _spearman(pairs, name) for name in measures},
        **{f"{name}_within_target": _within(pairs, name) for name in measures},
        "pairs": pairs,
    }


def _tasks(seed: int, rows: int) -> dict[str, pd.DataFrame]:
    """Eight tasks with text and label, `rows` rows each at most."""
    import automl_nb

    news = data.newsgroups()[0]
    group = news["label"].str.partition(".")[0]
    docs = automl_nb.sample("docstrings").rename(columns={"library": "label"})[["text", "label"]]
    topics = data.r52()[0]
    counts = topics["label"].value_counts()
    common = counts.index[counts >= 30]
    odd = topics["label"].isin(common[1::2])
    whole = {
        "docstrings-a": docs[docs["label"].isin(sorted(docs["label"].unique())[:3])],
        "foods": data.fine_foods()[0],
        "reuters-a": topics[topics["label"].isin(common) & ~odd],
        "computers": news[group == "comp"],
        "docstrings-b": docs[docs["label"].isin(sorted(docs["label"].unique())[3:])],
        "reuters-b": topics[odd],
        "sciences": news[group == "sci"],
        "leisure": news[group == "rec"],
    }
    return {
        name: frame.sample(min(rows, len(frame)), random_state=seed).reset_index(drop=True)
        for name, frame in whole.items()
    }


def _tuned(frame: pd.DataFrame, folder: Path, name: str, seed: int) -> str:
    """The folder of the network that `fit` tuned to a task."""
    import automl_nb

    run = automl_nb.fit(
        frame,
        "label",
        time=600,
        seed=seed,
        strategies=["finetune"],
        backbones=[BACKBONE],
        run_dir=folder,
        name=name,
    )
    for path in sorted(run.folder.glob("model-*/member-*/network/backbone/config.json")):
        return str(path.parent)
    return ""


def _features(frame: pd.DataFrame, backbone: str) -> np.ndarray:
    from automl_nb.features.text import FrozenText

    return FrozenText("text", backbone, max_length=LENGTH).transform(frame)


def _gain(frame: pd.DataFrame, before: np.ndarray, after: np.ndarray, seed: int) -> float:
    """Accuracy on the tuned features less that on the original ones, mean of draws."""
    from sklearn.linear_model import RidgeClassifierCV

    y, rng = frame["label"].to_numpy(str), np.random.default_rng(seed)
    found = []
    for _ in range(DRAWS):
        order = rng.permutation(len(y))
        few = np.concatenate([order[y[order] == name][:FEW] for name in np.unique(y)])
        judged = np.setdiff1d(order, few)[:JUDGED]
        right = [
            RidgeClassifierCV(np.logspace(-3, 2, 8))
            .fit(rows[few], y[few])
            .score(rows[judged], y[judged])
            for rows in (before, after)
        ]
        found.append(right[1] - right[0])
    return round(float(np.mean(found)), 4)


def _alike(
    source: pd.DataFrame, own: np.ndarray, target: pd.DataFrame, other: np.ndarray
) -> dict[str, float]:
    """Every similarity, the larger the more alike."""
    from automl_nb.core.types import TaskKind
    from automl_nb.explorer.fingerprint import fingerprint_of, likeness
    from automl_nb.explorer.similarity.base import Sample
    from automl_nb.explorer.similarity.catalog import SIMILARITIES

    kind = TaskKind.MULTICLASS
    ys = [np.unique(frame["label"], return_inverse=True)[1] for frame in (source, target)]
    samples = [Sample.of(rows, y, kind) for rows, y in zip((own, other), ys, strict=True)]
    found = {spec.name: round(-spec.load()().distance(*samples), 4) for spec in SIMILARITIES}
    prints = [
        fingerprint_of(rows, y, kind, space=BACKBONE)
        for rows, y in zip((own, other), ys, strict=True)
    ]
    assert prints[0] is not None
    assert prints[1] is not None
    return {**found, "likeness": round(likeness(*prints), 4)}


def _spearman(pairs: list[dict[str, Any]], name: str) -> float | None:
    from scipy.stats import spearmanr

    a, b = ([pair[key] for pair in pairs] for key in (name, "gain"))
    if len(pairs) < 3 or len(set(a)) < 2 or len(set(b)) < 2:
        return None
    return round(float(spearmanr(a, b).statistic), 3)


def _within(pairs: list[dict[str, Any]], name: str) -> float | None:
    """The mean over targets of the correlation over their sources."""
    targets = dict.fromkeys(pair["target"] for pair in pairs)
    found = [_spearman([p for p in pairs if p["target"] == target], name) for target in targets]
    known = [one for one in found if one is not None]
    return round(float(np.mean(known)), 3) if known else None


CASES: tuple[Case, ...] = (
    Probe(
        "similarity",
        "benchmarks.similarity",
        (Bar("n_pairs", ">=", 36), Bar("likeness_spearman", ">=", 0.3)),
    ),
)

if __name__ == "__main__":
    print(json.dumps(similarity(*map(int, sys.argv[2:]))))
