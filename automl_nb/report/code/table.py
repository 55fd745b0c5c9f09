"""Numbers, categories, truths and dates as one matrix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automl_nb.core.recipe import Block
from automl_nb.core.types import ColumnKind
from automl_nb.data.schema import input_columns
from automl_nb.report.code.layout import listed, mapped, quoted
from automl_nb.report.code.snippet import Snippet, Telling, plain, refused

_NUMBERS = """
NUMBERS = {names}


def numbers(rows):
    \"\"\"(n, d) all that is or can be made a number, NaN for gaps.\"\"\"
{body}
    table = np.column_stack(columns).astype(float)
    return np.where(np.abs(table) < 1e37, table, np.nan)
"""
_TRUTHS = 'TRUTHS = {"true": 1, "false": 0, "1": 1, "0": 0, "1.0": 1, "0.0": 0}'
_DATES = {
    "elapsed": "(when - pd.Timestamp(1970, 1, 1)) / pd.Timedelta(days=1)",
    "year": "when.dt.year",
    "month": "when.dt.month",
    "day": "when.dt.day",
    "yearday": "when.dt.day_of_year",
    "weekday": "when.dt.day_of_week",
    "hour": "when.dt.hour + when.dt.minute / 60 + when.dt.second / 3600",
}
_PERIODS = {"month": 12, "weekday": 7, "hour": 24, "yearday": 365.25}
_BENT = '''
def bent(values, seen):
    """A number column as linear models like it; `seen` are the training rows' values.

    Gaps are filled with the median, a skewed column is drawn in by a logarithm, and all is
    brought to one scale. Ramps between the quantiles let straight lines follow a curve.
    """
    missing, median = np.isnan(values), np.nanmedian(seen)
    values, seen = (np.where(np.isnan(some), median, some) for some in (values, seen))
    if seen.std() == 0:
        return missing[:, None].astype(float)
    if abs(skew(seen)) > 1:
        unit = np.median(np.abs(seen[seen != 0]))
        values, seen = (np.sign(some) * np.log1p(np.abs(some) / unit) for some in (values, seen))
    mean, spread = seen.mean(), seen.std()
    values, seen = (np.clip((some - mean) / spread, -4, 4) for some in (values, seen))
{ramps}
'''
_RAMPS = """
knots = np.unique(np.quantile(seen, np.linspace(0, 1, {knots})).round(9))
if len(knots) < 3:
    return np.column_stack([values, missing])
ramps, usual = (
    np.clip((some[:, None] - knots[:-1]) / np.diff(knots), 0, 1) for some in (values, seen)
)
return np.column_stack([values, ramps - usual.mean(axis=0), missing])
"""
_CATEGORIES = '''
CATEGORIES = {names}


def categories(rows):
    """The columns of categories as text, "" for gaps."""
    found = rows[CATEGORIES].astype(object)
    return found.where(found.notna(), "").astype(str).apply(lambda column: column.str.strip())
'''
_CODES = '''
def codes(values, seen):
    """Levels as numbers, the most frequent one first; a new level comes last, a gap is NaN."""
    counts = seen[seen != ""].value_counts().sort_index()
    order = counts.sort_values(ascending=False, kind="stable").index
    places = {level: place for place, level in enumerate(order)}
    return values.map(places).fillna(len(places)).where(values != "").to_numpy(dtype=float)
'''


def linear(block: Block, telling: Telling) -> Snippet:
    """For what measures distances: scaled and bent numbers, a column a level."""
    numbers, helpers = _numbers(block, telling)
    categories = _categories(telling)
    _refuse_clipping(telling)
    code, parts, imports = [], [], ["import numpy as np"]
    if numbers:
        parts.append("*(bent(x, s) for x, s in zip(numbers(rows).T, numbers(train).T))")
        imports.append("from scipy.stats import skew")
        helpers = [*helpers, _bent(int(str(block.settings.get("pieces", 0))))]
    if categories:
        imports.append("from sklearn.preprocessing import OneHotEncoder")
        helpers = [*helpers, _categories_helper(categories)]
        code += [
            "# One column a level; levels that are too rare to learn from share one.",
            "levels = OneHotEncoder(",
            "    min_frequency=max(3, round(0.002 * len(train))), max_categories=65,",
            '    handle_unknown="infrequent_if_exist", sparse_output=False,',
            ").fit(categories(train))",
            'gaps = [f"{name}_" for name in CATEGORIES]',
            "given = ~np.isin(levels.get_feature_names_out(), gaps)  # a gap is no level",
            "",
        ]
        parts.append("levels.transform(categories(rows))[:, given]")
    name = telling.names[block.key]
    code += [
        f"def {name}(rows):",
        '    """(n, d) the columns of a table as numbers of one scale."""',
        "    return np.column_stack([",
        *(f"        {part}," for part in parts),
        "    ])",
        "",
        "",
        f"train_{name} = {name}(train)",
    ]
    return Snippet("\n".join(code), f"{name}(new)", tuple(imports), tuple(helpers))


def tree(block: Block, telling: Telling) -> Snippet:
    """For trees: numbers as they are, levels by how frequent they are."""
    numbers, helpers = _numbers(block, telling)
    categories = _categories(telling)
    _refuse_clipping(telling)
    parts = ["numbers(rows)"] if numbers else []
    if categories:
        parts.append(
            "*(codes(categories(rows)[name], categories(train)[name]) for name in CATEGORIES)"
        )
        helpers = [*helpers, _categories_helper(categories), plain(_CODES)]
    name = telling.names[block.key]
    why = "# Trees need no scaling, and gaps may stay: only the order of the numbers counts."
    if not categories:
        code = [why, f"train_{name} = numbers(train)"]
        return Snippet("\n".join(code), "numbers(new)", ("import numpy as np",), tuple(helpers))
    code = [
        why,
        f"def {name}(rows):",
        '    """(n, d) the columns of a table."""',
        "    return np.column_stack([",
        *(f"        {part}," for part in parts),
        "    ])",
        "",
        "",
        f"train_{name} = {name}(train)",
    ]
    return Snippet("\n".join(code), f"{name}(new)", ("import numpy as np",), tuple(helpers))


def _of(telling: Telling, *kinds: ColumnKind) -> list[str]:
    names = input_columns(telling.schema, telling.task)
    return [name for name in names if telling.schema[name].kind in kinds]


def _categories(telling: Telling) -> list[str]:
    return _of(telling, ColumnKind.CATEGORY)


def _categories_helper(names: list[str]) -> str:
    return plain(_CATEGORIES).replace("{names}", listed(names))


def _refuse_clipping(telling: Telling) -> None:
    if telling.state.settings.get("clip_outliers"):
        raise refused("a table whose numbers were clipped", "Leave clip_outliers out next time.")


def _numbers(block: Block, telling: Telling) -> tuple[bool, list[str]]:
    """Whether there are number columns, and the function `numbers` that reads them."""
    names, truths = _of(telling, ColumnKind.NUMBER), _of(telling, ColumnKind.BOOLEAN)
    lines = [
        *(
            f"columns.append(rows[{quoted(name)}].astype(str).str.lower().map(TRUTHS))"
            for name in truths
        ),
        *_ordered(_mapping(block.settings.get("ordered"))),
        *_dates(_mapping(block.settings.get("dates"))),
    ]
    if not names and not lines:
        return False, []
    read = 'columns = [pd.to_numeric(rows[name], errors="coerce") for name in NUMBERS]'
    body = "\n".join(f"    {line}" for line in [read, *lines])
    helper = plain(_NUMBERS).replace("{names}", listed(names)).replace("{body}", body)
    return True, [*([_TRUTHS] if truths else []), helper]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _ordered(ordered: Mapping[str, Any]) -> list[str]:
    """Levels whose words have an order come as a number, too."""
    return [
        f"columns.append(rows[{quoted(name)}].map({mapped(places)}))"
        for name, places in ordered.items()
    ]


def _dates(dates: Mapping[str, Any]) -> list[str]:
    """Parts of dates; some also as waves, so that December is near January."""
    lines = []
    for name, parts in dates.items():
        lines.append(f'when = pd.to_datetime(rows[{quoted(name)}], errors="coerce")')
        for kind in dict.fromkeys(part.split()[0] for part in parts):
            lines.append(f"value = {_DATES[kind]}")
            lines += ["columns.append(value)"] if kind in parts else []
            lines += [
                f"columns.append(np.{wave}(2 * np.pi * value / {_PERIODS[kind]}))"
                for wave in ("sin", "cos")
                if f"{kind} {wave}" in parts
            ]
    return lines


def _bent(pieces: int) -> str:
    ramps = (
        plain(_RAMPS).format(knots=pieces + 1)
        if pieces
        else ("return np.column_stack([values, missing])")
    )
    indented = "\n".join(f"    {line}" for line in ramps.splitlines())
    return plain(_BENT).replace("{ramps}", indented)
