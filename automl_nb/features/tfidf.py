"""TF-IDF on words and on characters: cheap, strong on topics, and at home in any script."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from scipy import sparse

from automl_nb.core.trials import CancelToken
from automl_nb.features.base import ProgressFn

_CHUNK = 2000  # rows between two looks at the cancel token
# Scripts written without spaces: words cannot be cut at blanks, characters can.
_UNSPACED = r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"


class Tfidf:
    """Sublinear TF-IDF over one text column, rows of unit length.

    weight(t, d) = (1 + log tf) * (log((1 + n) / (1 + df)) + 1), then each row divided
    by its norm (Salton & Buckley 1988, smoothed as scikit-learn does).

    Args:
        column: The text column.
        max_features: Most terms kept, by frequency.
        **options: Further arguments of `sklearn.feature_extraction.text.TfidfVectorizer`.
    """

    name: ClassVar[str] = ""
    version: ClassVar[int] = 1  # counts up when the numbers change
    cacheable: ClassVar[bool] = False  # other rows' blocks are quicker made than read from disk

    def __init__(self, column: str, *, max_features: int = 200_000, **options: Any) -> None:
        self.column = column
        self.columns = (column,)
        self.options: dict[str, Any] = {"max_features": max_features, **options}
        self._vectorizer: Any = None

    @property
    def key(self) -> str:
        """The block's name within a run."""
        return f"{self.name}({self.column})"

    def spec(self) -> str:
        """What a fit depends on, besides the rows."""
        from importlib.metadata import version

        options = json.dumps(self.options, sort_keys=True)
        return f"{self.key} {self.version} {version('scikit-learn')} {options}"

    def _choose(self, texts: list[str]) -> dict[str, Any]:
        """The vectorizer's arguments for these training texts."""
        raise TypeError(f"{type(self).__name__} doesn't say how to cut {len(texts)} texts.")

    def fit(self, frame: pd.DataFrame) -> None:
        """Learn vocabulary and document frequencies from training rows."""
        self.fit_transform(frame)

    def fit_transform(self, frame: pd.DataFrame) -> sparse.csr_matrix:
        """Fit, and encode the same rows while their terms are at hand."""
        texts = texts_of(frame, self.column)
        self.options = {**self._choose(texts), **self.options}
        self._vectorizer = _vectorizer(self.options)
        try:
            return sparse.csr_matrix(self._vectorizer.fit_transform(texts))
        except ValueError:  # no term at all: every text is empty or made of stop signs
            self._vectorizer.set_params(min_df=1).fit(["empty"])
            return self.transform(frame)

    def transform(
        self,
        frame: pd.DataFrame,
        *,
        progress: ProgressFn | None = None,
        cancel: CancelToken | None = None,
    ) -> sparse.csr_matrix:
        """(n_rows, n_terms) float32 CSR; a missing text is a row of zeros."""
        texts = texts_of(frame, self.column)
        parts = []
        for start in range(0, max(1, len(texts)), _CHUNK):
            if cancel is not None:
                cancel.check()
            chunk = texts[start : start + _CHUNK]
            parts.append(self._rows(chunk))
            if progress is not None:
                progress(start + len(chunk), len(texts))
        return sparse.csr_matrix(sparse.vstack(parts, format="csr", dtype=np.float32))

    def _rows(self, texts: list[str]) -> sparse.csr_matrix:
        if not texts:
            return sparse.csr_matrix((0, len(self._vectorizer.vocabulary_)), dtype=np.float32)
        return self._vectorizer.transform(texts)

    def identity(self) -> str:
        """Hash of the settings, the vocabulary and the document frequencies."""
        digest = hashlib.sha256(json.dumps(self.options, sort_keys=True).encode())
        digest.update("\n".join(self._terms()).encode())
        digest.update(np.ascontiguousarray(self._vectorizer.idf_).tobytes())
        return f"{self.name}:{self.column}:{digest.hexdigest()}"

    def _terms(self) -> list[str]:
        return [str(term) for term in self._vectorizer.get_feature_names_out()]

    def save(self, folder: Path) -> dict[str, Any]:
        """Write ``terms.json`` and ``idf.npy``."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "terms.json").write_text(
            json.dumps(self._terms(), ensure_ascii=False), encoding="utf-8"
        )
        np.save(folder / "idf.npy", self._vectorizer.idf_.astype(np.float32), allow_pickle=False)
        return {"column": self.column, "options": self.options}

    @classmethod
    def load(cls, folder: Path, config: dict[str, Any]) -> Self:
        """Rebuild what `save` wrote."""
        made = cls(config["column"])
        made.options = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in config["options"].items()
        }
        terms = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
        made._vectorizer = _vectorizer({**made.options, "vocabulary": terms})
        made._vectorizer.idf_ = np.load(folder / "idf.npy", allow_pickle=False)
        return made


class TfidfWord(Tfidf):
    """Single words.

    Example:
        >>> frame = pd.DataFrame({"review": ["good tea", "bad tea", "good good coffee"]})
        >>> encoder = TfidfWord("review")
        >>> encoder.fit(frame)
        >>> encoder.transform(frame).shape
        (3, 4)
    """

    name = "tfidf-word"

    def _choose(self, texts: list[str]) -> dict[str, Any]:
        del texts  # the same for all
        return {"analyzer": "word", "token_pattern": r"(?u)\b\w+\b", "ngram_range": (1, 1)}


class TfidfPairs(Tfidf):
    """Words and pairs of words, which tell "not good" from "good".

    Example:
        >>> frame = pd.DataFrame({"review": ["not good", "good"]})
        >>> encoder = TfidfPairs("review")
        >>> encoder.fit(frame)
        >>> encoder.transform(frame).shape
        (2, 3)
    """

    name = "tfidf-pairs"

    def _choose(self, texts: list[str]) -> dict[str, Any]:
        # A pair seen once tells nothing about other rows and doubles the vocabulary;
        # with few rows every term counts.
        return {
            "analyzer": "word",
            "token_pattern": r"(?u)\b\w+\b",
            "ngram_range": (1, 2),
            "min_df": 2 if len(texts) >= 2000 else 1,
        }


class TfidfChar(Tfidf):
    """Runs of characters: inside words where words are spaced, across all text where not.

    Example:
        >>> frame = pd.DataFrame({"review": ["好茶", "坏茶"]})
        >>> encoder = TfidfChar("review")
        >>> encoder.fit(frame)
        >>> sorted(encoder._vectorizer.vocabulary_)
        ['坏', '坏茶', '好', '好茶', '茶']
    """

    name = "tfidf-char"

    def _choose(self, texts: list[str]) -> dict[str, Any]:
        rare = 2 if len(texts) >= 500 else 1
        if unspaced_share(texts) > 0.2:
            return {"analyzer": "char", "ngram_range": (1, 3), "min_df": rare}
        return {"analyzer": "char_wb", "ngram_range": (3, 5), "min_df": rare}


def texts_of(frame: pd.DataFrame, column: str) -> list[str]:
    """The column as text, missing values as ""."""
    values = frame[column]
    return values.astype(object).where(values.notna(), "").astype(str).tolist()


def unspaced_share(texts: list[str], *, sample: int = 200) -> float:
    """Share of the letters that belong to scripts without spaces (Chinese, Thai, ...)."""
    step = max(1, len(texts) // sample)
    some = pd.Series(texts[::step][:sample], dtype=object).str.slice(0, 500)
    letters = int(some.str.count(r"\w").sum())
    return float(some.str.count(_UNSPACED).sum()) / letters if letters else 0.0


def _vectorizer(options: dict[str, Any]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(sublinear_tf=True, dtype=np.float32, **options)
