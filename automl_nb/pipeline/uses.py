"""How often the same test rows were scored, over all runs of a folder.

A test part that is looked at again and again is no longer unseen: whoever reads the score
should know. Rows are told by their content, not by the name of a file or frame.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd

from automl_nb.features.content import content_hash

NAME = "test_uses.json"


def count_use(runs: Path, frame: pd.DataFrame, y: np.ndarray) -> int:
    """Note one more use of these test rows; returns the uses so far, this one included.

    Where the folder can't be written or the note can't be read, the count starts anew.

    Example:
        >>> import tempfile
        >>> rows, y = pd.DataFrame({"x": [1.0, 2.0]}), np.array([0, 1])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     count_use(Path(folder), rows, y), count_use(Path(folder), rows, y)
        (1, 2)
    """
    key = _key(frame, y)
    path = runs / NAME
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        uses = int(known.get(key, 0)) + 1
    except (OSError, ValueError, TypeError, AttributeError):
        known, uses = {}, 1
    known[key] = uses
    making = path.with_suffix(".new")
    try:
        making.write_text(json.dumps(known), encoding="utf-8")
        making.replace(path)
    except OSError:
        making.unlink(missing_ok=True)
    return uses


def _key(frame: pd.DataFrame, y: np.ndarray) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(y).tobytes())
    for name in frame.columns:
        digest.update(str(name).encode())
        digest.update(content_hash(frame[name]))
    return digest.hexdigest()[:32]
