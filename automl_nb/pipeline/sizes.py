"""What the models of a run take on disk: each encoder and predictor is weighed once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from automl_nb.core.shelf import disk_errors
from automl_nb.features.base import Encoder
from automl_nb.pipeline.bundle import bundle_size
from automl_nb.transfer.base import Candidate


class _Saves(Protocol):
    def save(self, folder: Path) -> dict[str, Any]: ...


class Sizes:
    """Bytes of models as `automl_nb.pipeline.bundle` would write them.

    An encoder that several members of a blend read with counts once, as it is written once.

    Args:
        encoders: By the keys of their blocks.
    """

    def __init__(self, encoders: Mapping[str, Encoder]) -> None:
        self._encoders = encoders
        self._of_encoders: dict[str, int] = {}
        self._of_predictors: dict[str, int] = {}

    def of(self, candidates: Iterable[Candidate]) -> int:
        """Bytes of a blend of these; 0 where some part of it can't be weighed."""
        candidates = list(candidates)
        keys = {key for candidate in candidates for key in candidate.inputs}
        parts = [self._of_encoder(key) for key in sorted(keys)]
        parts += [self._of_predictor(candidate) for candidate in candidates]
        return sum(parts) if all(parts) else 0

    def _of_encoder(self, key: str) -> int:
        if key not in self._of_encoders:
            self._of_encoders[key] = saved_bytes(self._encoders[key])
        return self._of_encoders[key]

    def _of_predictor(self, candidate: Candidate) -> int:
        name = candidate.name
        if name not in self._of_predictors:
            self._of_predictors[name] = saved_bytes(candidate.predictor)
        return self._of_predictors[name]


def saved_bytes(part: _Saves) -> int:
    """Bytes that an encoder or predictor takes once it is saved; 0 where the disk refuses.

    What holds a network says so itself (`size_bytes`), as writing it would take long.

    Example:
        >>> import numpy as np
        >>> from automl_nb.transfer.prior import Constant
        >>> saved_bytes(Constant(np.zeros(1000))) > 4000
        True
    """
    own = getattr(part, "size_bytes", None)
    if own is not None:
        return int(own())
    try:
        with TemporaryDirectory(prefix="automl_nb-") as folder, disk_errors():
            place = Path(folder) / "part"
            place.mkdir()
            facts = part.save(place)
            return bundle_size(place) + len(json.dumps(facts, default=str))
    except OSError:
        return 0
