"""The first lines: the rows, their labels, and those that are kept aside."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from automl_nb.core.types import ColumnKind, TaskKind
from automl_nb.data.folders import read_folder
from automl_nb.data.pictures import ENDINGS
from automl_nb.report.code.layout import quoted
from automl_nb.report.code.snippet import Snippet, Telling, number, plain, refused
from automl_nb.report.code.sources import UNNAMED

_READERS = {
    ".csv": "pd.read_csv({})",
    ".tsv": 'pd.read_csv({}, sep="\\t")',
    ".parquet": "pd.read_parquet({})",
    ".feather": "pd.read_feather({})",
    ".jsonl": "pd.read_json({}, lines=True)",
    ".json": "pd.read_json({})",
    ".xlsx": "pd.read_excel({})",
}
PICKED = '''
def picked(strata, share, rng):
    """A mask of this share of the rows: every n-th of a shuffled order, stratum by stratum."""
    order = np.lexsort((rng.random(len(strata)), strata))
    mask = np.zeros(len(strata), dtype=bool)
    mask[order] = np.diff(np.floor(np.arange(len(strata) + 1) * share + rng.random())) > 0
    return mask
'''


def rows(telling: Telling, sources: Mapping[str, str]) -> Snippet:
    """Read the rows, take the labels, and keep the same rows aside as the run did.

    Args:
        telling: The run.
        sources: Names of frames, or paths of files, by what they were given as.
    """
    label = telling.task.label
    lines = [
        f"LABEL = {quoted(label)}",
        *_read("rows", sources["data"], telling),
        "rows = rows[rows[LABEL].notna()].reset_index(drop=True)  # others can teach nothing",
        "",
        *_labels(telling),
        "",
    ]
    helpers: tuple[str, ...] = ()
    imports = ["import numpy as np", "import pandas as pd"]
    imports += ["from pathlib import Path"] if any("Path(" in line for line in lines) else []
    if "test" in sources:
        lines += _given(telling, sources["test"])
    else:
        own, more = _divided(telling)
        lines += own
        imports += [line for line in more if line.startswith("from")]
        helpers = tuple(line for line in more if line.startswith("def"))
    if int(str(telling.state.settings.get("sample", 0))):
        n = telling.state.settings["sample"]
        lines += [
            "",
            f"# The run learnt from {n} rows at most.",
            f"rng = np.random.default_rng([{telling.seed}, 4])",
            f"left_out = picked({strata(telling, 'y_train')}, 1 - {n} / len(train), rng)",
            "train, y_train = train[~left_out].reset_index(drop=True), y_train[~left_out]",
        ]
        helpers = (plain(PICKED),)
    return Snippet("\n".join(lines), imports=tuple(imports), helpers=helpers)


def _read(variable: str, source: str, telling: Telling) -> list[str]:
    """Lines that put the rows of a frame, a file or a folder of pictures into a variable."""
    if source.isidentifier():
        unknown = "  # the data frame that the run learnt from: put its name here"
        return [f"{variable} = {source}{unknown if source in UNNAMED.values() else ''}"]
    if Path(source).is_dir():
        return _listed(variable, source)
    reader = _READERS.get(Path(source).suffix.casefold())
    if reader is None:
        raise refused(
            f"rows from {source}",
            "Read them into a pandas data frame, and call fit with that.",
        )
    lines = [f"{variable} = {reader.format(quoted(source))}"]
    folder = Path(source).parent
    for column in telling.schema.of_kind(ColumnKind.IMAGE) if folder != Path() else ():
        cells = f"{variable}[{quoted(column)}]"
        lines.append(f"{cells} = {quoted(f'{folder}/')} + {cells}  # where the table lies")
    return lines


def _listed(variable: str, folder: str) -> list[str]:
    """A folder of pictures: of each its path, and the subfolder that names its class."""
    if read_folder(Path(folder)).split_column:
        raise refused(
            f"the folder {folder} with subfolders for training and testing",
            "List its pictures in a pandas data frame, and call fit with that.",
        )
    endings = ", ".join(quoted(ending) for ending in sorted(ENDINGS))
    return plain(f"""
        folder = Path({quoted(folder)})
        ENDINGS = {{{endings}}}
        files = [path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS]
        files = sorted(path.relative_to(folder) for path in files)
        {variable} = pd.DataFrame({{"image": [str(folder / path) for path in files]}})
        {variable}["label"] = [path.parts[0] if path.parent != Path() else None for path in files]
    """).splitlines()


def _labels(telling: Telling) -> list[str]:
    if telling.is_regression:
        return ["y = rows[LABEL].to_numpy(dtype=float)"]
    lines = ["classes, y = np.unique(rows[LABEL].to_numpy(), return_inverse=True)"]
    if telling.task.kind is TaskKind.BINARY and telling.task.classes != _in_order(telling):
        lines.append("classes, y = classes[::-1], 1 - y  # the positive class comes last")
    return lines


def _in_order(telling: Telling) -> tuple[str, ...]:
    """The classes as NumPy orders them: numbers by size, all else as text."""
    try:
        return tuple(sorted(telling.task.classes, key=float))
    except ValueError:
        return tuple(sorted(telling.task.classes))


def _given(telling: Telling, source: str) -> list[str]:
    lines = [
        "# The test rows were given.",
        "train, y_train = rows, y",
        *_read("test", source, telling),
        "test = test[test[LABEL].notna()].reset_index(drop=True)",
    ]
    if telling.is_regression:
        return [*lines, "y_test = test[LABEL].to_numpy(dtype=float)"]
    return [
        *lines,
        "test = test[test[LABEL].isin(classes)].reset_index(drop=True)",
        "y_test = np.array([list(classes).index(label) for label in test[LABEL]])",
    ]


def _divided(telling: Telling) -> tuple[list[str], list[str]]:
    """Lines that keep rows aside, and imports and helpers that they need."""
    settings = telling.state.settings
    split, share = str(settings.get("split", "auto")), float(str(settings.get("test_size", 0.2)))
    column, group, time = (
        str(settings.get(name, "")) for name in ("split_column", "group", "time_column")
    )
    if telling.state.split is not None and telling.state.split.n_test == 0:
        raise refused("a run that kept no rows aside", "Run fit again without test_size=0.")
    needs: list[str] = []
    if column and split == "auto":
        lines = [f'aside = (rows[{quoted(column)}].astype(str).str.strip().str.lower() == "test")']
        lines[0] += ".to_numpy()"
    elif split == "group" or (split == "auto" and group):
        needs = ["from sklearn.model_selection import GroupShuffleSplit"]
        lines = [
            "# Whole groups are kept aside, so that none is both learnt from and tested on.",
            f"division = GroupShuffleSplit(1, test_size={number(share)}, random_state=0)",
            "aside = np.zeros(len(rows), dtype=bool)",
            f"aside[next(division.split(rows, groups=rows[{quoted(group)}]))[1]] = True",
        ]
    elif split == "time" or (split == "auto" and time):
        lines = [
            "# The latest rows are kept aside: a model is used on what comes later.",
            f"when = rows[{quoted(time)}]",
            "when = when if pd.api.types.is_numeric_dtype(when) else pd.to_datetime(when)",
            'rank = when.rank(method="min", na_option="top").to_numpy()',
            f"aside = rank >= np.sort(rank)[round(len(rows) * {number(1 - share)})]",
        ]
    else:
        needs = [plain(PICKED)]
        lines = [
            "# Rows are kept aside before anything is learnt, the same ones as in the run.",
            f"rng = np.random.default_rng([{telling.seed}, 1])",
            f"aside = picked({strata(telling, 'y')}, {number(share)}, rng)",
        ]
    return [
        *lines,
        "train, test = (rows[part].reset_index(drop=True) for part in (~aside, aside))",
        "y_train, y_test = y[~aside], y[aside]",
    ], needs


def strata(telling: Telling, y: str) -> str:
    """Within what rows are picked in proportion: classes; of numbers no part by itself."""
    split = str(telling.state.settings.get("split", "auto"))
    if split == "random" or (telling.is_regression and split != "stratified"):
        return f"np.zeros(len({y}))"
    if telling.is_regression:
        raise refused("numbers whose division was stratified", "Leave split out next time.")
    return y


def folds(telling: Telling, models: object) -> Snippet:
    """`part`: the numbers of the rows' folds, dealt as in the run."""
    by_class = not telling.is_regression and telling.state.settings.get("split") != "random"
    strata = "y_train" if by_class else "np.zeros(len(y_train))"
    code = f"part = dealt({strata}, {models}, np.random.default_rng([{telling.seed}, 2]))"
    helper = '''
    def dealt(strata, parts, rng):
        """A number of a part for each row, dealt out like cards, stratum after stratum."""
        part = np.empty(len(strata), dtype=int)
        part[np.lexsort((rng.random(len(strata)), strata))] = np.arange(len(strata)) % parts
        return part
    '''
    return Snippet(code, helpers=(plain(helper),))
