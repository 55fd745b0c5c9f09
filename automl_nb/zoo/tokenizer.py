"""Texts to token ids, by the fast tokenizer alone (no transformers import)."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from automl_nb.core.errors import WeightsError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FILE = "tokenizer.json"
VOCABULARIES = ("vocab.txt", "vocab.json", "spm.model", "sentencepiece.bpe.model")
UNKNOWN = ("[UNK]", "<unk>")
_UNUSUAL = "naïve ☃ 漢字 qzx"  # hardly a vocabulary holds all of it
# A text longer than this many characters a token is cut before it is tokenised: even
# words of forty letters would fill the tokens that the model can read.
CHARACTERS_PER_TOKEN = 40
_STEP = 8  # tokens; tensor cores like multiples of it as well


def rounded(length: int, most: int) -> int:
    """A number of tokens rounded up, so that batches come in few shapes.

    For each new shape a processor's kernels are made anew and kept: by 120 lengths a process that
    trained on 5,485 news items grew by 12 MB a step, and by few lengths it stays as it is.

    Example:
        >>> rounded(17, 128), rounded(24, 128), rounded(77, 77)
        (24, 24, 77)
    """
    return max(length, min(most, -(-length // _STEP) * _STEP))


class TextTokenizer:
    """A backbone's vocabulary and rules.

    Args:
        tokenizer: The fast tokenizer.
        pad_id: The id that fills a batch up.
        max_length: Most tokens that the backbone can read.
    """

    def __init__(self, tokenizer: Tokenizer, *, pad_id: int, max_length: int) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._tokenizer = tokenizer
        self._lock = threading.Lock()  # the length to cut at is state of the tokenizer
        self.pad_id = pad_id
        self.max_length = max_length

    @classmethod
    def read(cls, folder: Path, *, pad_id: int, max_length: int) -> TextTokenizer:
        """Read ``tokenizer.json``, or the vocabulary files that older backbones have.

        Raises:
            WeightsError: No such file is there, or it cannot be read.
        """
        from tokenizers import Tokenizer

        try:
            if (folder / FILE).is_file():
                tokenizer = Tokenizer.from_file(str(folder / FILE))
            else:
                tokenizer = _from_vocabulary(folder)
            tokenizer.encode(_UNUSUAL)  # a vocabulary that lacks its own marks fails here
        except Exception as error:  # the libraries raise bare Exception among others
            first = " ".join(str(error).split())[:200]
            raise WeightsError(
                f"A text backbone needs a {FILE} that can be read.",
                received=str(folder),
                hint=f"Save its tokenizer there with save_pretrained. ({first})",
            ) from error
        return cls(tokenizer, pad_id=pad_id, max_length=max_length)

    @property
    def unknown_id(self) -> int | None:
        """The id of what the vocabulary doesn't hold; None where it holds every byte."""
        named = (getattr(self._tokenizer.model, "unk_token", None), *UNKNOWN)
        ids = (self._tokenizer.token_to_id(name) for name in named if name)
        return next((found for found in ids if found is not None), None)

    @property
    def size(self) -> int:
        """One more than the highest id that a text can get."""
        known = self._tokenizer.get_vocab(with_added_tokens=True)
        return max(known.values(), default=-1) + 1

    def encode(self, texts: Sequence[str], max_length: int | None = None) -> list[list[int]]:
        """The ids of each text with the special tokens, cut to `max_length` in all."""
        limit = min(max_length or self.max_length, self.max_length)
        cut = [text[: limit * CHARACTERS_PER_TOKEN] for text in texts]
        with self._lock:
            self._tokenizer.enable_truncation(limit)
            return [encoded.ids for encoded in self._tokenizer.encode_batch_fast(cut)]

    def pieces(self, text: str) -> list[tuple[str, bool]]:
        """The pieces that a text is cut into, with marks at its ends, uncut; and which are marks.

        A piece is written as the vocabulary has it (``##`` goes on within a word); where that
        isn't readable, as it stands in the text.

        Example:
            >>> from automl_nb.zoo.load import load_backbone
            >>> tokenizer = load_backbone("minilm-l6").tokenizer
            >>> [piece for piece, _ in tokenizer.pieces("Unreadable handwriting")]
            ['[CLS]', 'un', '##rea', '##dable', 'handwriting', '[SEP]']
        """
        with self._lock:
            self._tokenizer.no_truncation()
            found = self._tokenizer.encode(text)
        special, within = self.special_ids, text.casefold()

        def written(token: str, start: int, end: int) -> str:
            plain = token.lstrip("Ġ▁").removeprefix("##")
            return token if plain and plain.casefold() in within else text[start:end].strip()

        return [
            (token, True) if number in special else (written(token, *place), False)
            for number, token, place in zip(found.ids, found.tokens, found.offsets, strict=True)
        ]

    @property
    def mask_id(self) -> int | None:
        """The id that stands for a hidden token, or None where there is none.

        Example:
            >>> from automl_nb.zoo.load import load_backbone
            >>> load_backbone("minilm-l6").tokenizer.mask_id
            103
        """
        for name in ("[MASK]", "<mask>"):
            if (known := self._tokenizer.token_to_id(name)) is not None:
                return known
        return None

    @property
    def special_ids(self) -> frozenset[int]:
        """Ids of what is no text: beginnings, ends, padding, masks."""
        added = self._tokenizer.get_added_tokens_decoder()
        return frozenset(number for number, token in added.items() if token.special)

    def pad(
        self, ids: Sequence[Sequence[int]], most: int | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Ids side by side.

        Args:
            ids: Of each text.
            most: If given, the length is rounded up, up to this: batches of few different
                shapes are what compiled kernels are made for, see `rounded`.

        Returns:
            (n, longest) int64 ids and the (n, longest) int64 mask, 1 for real tokens.

        Example:
            >>> from automl_nb.zoo.load import load_backbone
            >>> tokenizer = load_backbone("minilm-l6").tokenizer
            >>> tokenizer.pad(tokenizer.encode(["a book", "book"]))[1]
            array([[1, 1, 1, 1],
                   [1, 1, 1, 0]])
        """
        longest = max(map(len, ids), default=0)
        if most is not None:
            longest = rounded(longest, most)
        filled = np.full((len(ids), longest), self.pad_id, dtype=np.int64)
        mask = np.zeros((len(ids), longest), dtype=np.int64)
        for row, values in enumerate(ids):
            filled[row, : len(values)] = values
            mask[row, : len(values)] = 1
        return filled, mask

    def size_bytes(self) -> int:
        """Bytes of the file that `save` writes."""
        with self._lock:
            return len(self._tokenizer.to_str(pretty=True).encode())

    def save(self, folder: Path) -> None:
        """Write ``tokenizer.json``."""
        with self._lock:
            self._tokenizer.no_truncation()
            self._tokenizer.save(str(folder / FILE))


def _from_vocabulary(folder: Path) -> Tokenizer:
    """The fast tokenizer that transformers makes of older vocabulary files."""
    from transformers import AutoTokenizer

    from automl_nb.zoo.quiet import quiet

    # Without one of these transformers would quietly make up an empty vocabulary.
    if not any((folder / name).is_file() for name in VOCABULARIES):
        raise FileNotFoundError(f"neither {FILE} nor {', '.join(VOCABULARIES)}")
    with quiet():
        made = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    backend: Tokenizer = made.backend_tokenizer
    return backend
