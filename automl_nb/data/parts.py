"""The words by which a column or a folder says which part a row belongs to."""

from __future__ import annotations

PARTS = {
    "train": "train",
    "training": "train",
    "fit": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "dev": "valid",
    "development": "valid",
    "test": "test",
    "testing": "test",
    "holdout": "test",
}
