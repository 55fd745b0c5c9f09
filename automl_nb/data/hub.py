"""A Hugging Face Dataset as a frame: class names decoded, pictures as they are stored."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from automl_nb.core.errors import SourceError


def read_dataset(dataset: Any) -> pd.DataFrame:
    """Read all rows of a ``datasets.Dataset``.

    Class numbers become class names. Pictures stay encoded (bytes, or the path of a
    file), so that nothing is decoded before it is needed.

    Raises:
        SourceError: It is a dictionary of splits, or a stream.
    """
    if hasattr(dataset, "keys"):
        raise SourceError(
            "One split of a DatasetDict must be chosen.",
            received=f"splits {', '.join(map(str, dataset))}",
            hint=f"Give dataset[{next(iter(dataset), 'train')!r}], and test=dataset['test'].",
        )
    if not hasattr(dataset, "__len__"):
        raise SourceError(
            "A Dataset must be whole, not a stream.",
            received=type(dataset).__name__,
            hint="Give Dataset.from_list(list(stream.take(10_000))).",
        )
    table = dataset.with_format("arrow")[:]  # also applies select, shuffle and filter
    columns = {
        name: _decoded(table.column(name), dataset.features[name]) for name in table.column_names
    }
    return pd.DataFrame(columns)


def _decoded(column: Any, feature: Any) -> Any:
    kind = type(feature).__name__
    if kind == "ClassLabel":
        return _names(column.to_pandas(), feature)
    if kind == "Image":
        values = np.empty(len(column), dtype=object)
        values[:] = [
            stored and (stored["bytes"] or stored["path"]) for stored in column.to_pylist()
        ]
        return values
    inner: Any = getattr(feature, "feature", feature[0] if isinstance(feature, list) else None)
    if type(inner).__name__ == "ClassLabel":
        sets = np.empty(len(column), dtype=object)
        sets[:] = [
            None if labels is None else [inner.int2str(label) for label in labels]
            for labels in column.to_pylist()
        ]
        return sets
    return column.to_pandas()


def _names(codes: pd.Series[Any], feature: Any) -> np.ndarray:
    """Class names; -1, as for an unlabelled test split, is missing."""
    names = np.array([*feature.names, None], dtype=object)
    return names[codes.fillna(-1).astype(int).to_numpy()]
