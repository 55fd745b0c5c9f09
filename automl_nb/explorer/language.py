"""Whether a backbone can read the languages of a table's texts.

Two things tell: the scripts of the rows beside the languages that the backbone was trained on,
and how its tokenizer cuts their words. Fertility is the number of tokens a word (Rust et al.
2021, arXiv 2012.15613); a tokenizer that knows a language needs 1 to 2, one that doesn't cuts
words into letters or gives up on them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from automl_nb.core.show.words import listed
from automl_nb.explorer.scripts import main_scripts, row_shares
from automl_nb.zoo.card import BackboneCard

# For rows that the usual backbones can't read: the first that reads nearly all of them.
READERS = ("chinese-roberta", "multilingual-e5-small", "multilingual-e5-base", "xlm-roberta")
READS_MOST = 0.9  # share of rows in scripts that a backbone reads for it to fit a column
SAMPLE = 200  # texts that are tokenised to measure
_CHARACTERS = 160  # of each; whole within what any backbone reads
_MOST_UNKNOWN = 0.1  # share of tokens that the vocabulary doesn't hold
_MOST_PIECES = 3.0  # tokens a word: letters, no longer parts of words
_MOST_PIECES_UNSPACED = 1.5  # tokens a character: bytes, no longer characters
_UNSPACED = {"Han", "Japanese", "Hiragana", "Katakana", "Thai", "Lao", "Myanmar", "Khmer"}
_ANY = {"multi", "multilingual"}
_FOREIGN = "written in"  # scripts that none of its languages is written in
# Scripts that the texts of a language are written in; all others are Latin.
_SCRIPTS = {
    **dict.fromkeys(("zh", "yue", "wuu"), ("Han",)),
    "ja": ("Japanese", "Hiragana", "Katakana", "Han"),
    "ko": ("Hangul",),
    **dict.fromkeys(("ru", "uk", "bg", "be", "mk", "kk", "ky", "mn", "tg"), ("Cyrillic",)),
    "sr": ("Cyrillic", "Latin"),
    **dict.fromkeys(("ar", "fa", "ur", "ps", "ug"), ("Arabic",)),
    **dict.fromkeys(("hi", "mr", "ne", "sa"), ("Devanagari",)),
    **dict.fromkeys(("bn", "as"), ("Bengali",)),
    **dict.fromkeys(("he", "yi"), ("Hebrew",)),
    **dict.fromkeys(("am", "ti"), ("Ethiopic",)),
    "el": ("Greek",),
    "th": ("Thai",),
    "lo": ("Lao",),
    "my": ("Myanmar",),
    "km": ("Khmer",),
    "ka": ("Georgian",),
    "hy": ("Armenian",),
    "ta": ("Tamil",),
    "te": ("Telugu",),
    "kn": ("Kannada",),
    "ml": ("Malayalam",),
    "gu": ("Gujarati",),
    "pa": ("Gurmukhi",),
    "si": ("Sinhala",),
    "or": ("Oriya",),
    "bo": ("Tibetan",),
}


class Tokenizer(Protocol):
    """What is asked of a tokenizer, see `automl_nb.zoo.tokenizer.TextTokenizer`."""

    @property
    def unknown_id(self) -> int | None:
        """The id of what the vocabulary doesn't hold."""
        ...

    def encode(self, texts: Sequence[str], max_length: int | None = None) -> list[list[int]]:
        """The ids of each text with the special tokens."""
        ...


@dataclass(frozen=True)
class LanguageFit:
    """How well a backbone fits the languages of some texts.

    Attributes:
        fertility: Tokens a word; a character counts as a word in scripts without spaces.
        unknown_share: Share of the tokens that stand for what the vocabulary doesn't hold.
        scripts: Share of the rows by main script, the largest first.
        fits: Whether it can be used for all rows.
        reason: Why, in one sentence.
        readable: Share of the rows in scripts that it reads.
        unread: What it can't read, and why, to stand after its name; "" if it reads all rows.
    """

    fertility: float
    unknown_share: float
    scripts: dict[str, float] = field(default_factory=dict)
    fits: bool = True
    reason: str = ""
    readable: float = 1.0
    unread: str = ""


@dataclass(frozen=True)
class Cut:
    """How a tokenizer cuts some texts: words (or characters), tokens, unknown tokens."""

    words: int = 0
    tokens: int = 0
    unknown: int = 0

    @property
    def fertility(self) -> float:
        """Tokens a word; 0 where there are no words."""
        return self.tokens / self.words if self.words else 0.0

    @property
    def unknown_share(self) -> float:
        """Share of unknown tokens; 0 where there are none at all."""
        return self.unknown / self.tokens if self.tokens else 0.0


def reads(card: BackboneCard, script: str) -> bool:
    """Whether a backbone's languages are written in this script; yes if they aren't known.

    Example:
        >>> from automl_nb.zoo.catalog import CARDS
        >>> reads(CARDS["minilm-l6"], "Latin"), reads(CARDS["minilm-l6"], "Cyrillic")
        (True, False)
    """
    if not card.languages or _ANY & set(card.languages):
        return True
    return any(script in _SCRIPTS.get(code, ("Latin",)) for code in card.languages)


def readable_share(card: BackboneCard, scripts: dict[str, float]) -> float:
    """Share of the rows whose main script the backbone's languages are written in.

    Args:
        card: The backbone.
        scripts: Share of the rows by main script, see `row_shares`; empty counts as readable.
    """
    unread = sum(share for script, share in scripts.items() if not reads(card, script))
    return 1.0 - unread


def words_of(text: str) -> list[str]:
    """Runs of letters, their marks, and digits.

    Example:
        >>> words_of("Nice, isn't it? चाय 5")
        ['Nice', 'isn', 't', 'it', 'चाय', '5']
    """
    return "".join(sign if _in_word(sign) else " " for sign in text).split()


def cut_of(tokenizer: Tokenizer, texts: Sequence[str], *, spaced: bool) -> Cut:
    """Counts how a tokenizer cuts the words of texts; signs between words don't count.

    Args:
        tokenizer: The backbone's.
        texts: Their first 160 characters are read.
        spaced: Whether words stand between spaces; characters are counted otherwise.
    """
    words = [words_of(text[:_CHARACTERS]) for text in texts]
    joined = [" ".join(found) for found in words if found]
    if not joined:
        return Cut()
    specials = len(tokenizer.encode([""])[0])
    ids = tokenizer.encode(joined)
    unknown = 0
    if tokenizer.unknown_id is not None:
        unknown = sum(row.count(tokenizer.unknown_id) for row in ids)
    whole = sum(len(found) if spaced else sum(map(len, found)) for found in words)
    return Cut(whole, sum(map(len, ids)) - specials * len(ids), unknown)


def language_fit(card: BackboneCard, tokenizer: Tokenizer, texts: Sequence[str]) -> LanguageFit:
    """Whether a backbone can read these texts, by its languages and by its tokenizer.

    Args:
        card: Its `languages` say what it was trained on; where it has none, the tokenizer
            alone decides.
        tokenizer: The backbone's.
        texts: A sample; of more than 200, every n-th is read.

    Example:
        >>> from automl_nb.zoo.load import load_backbone
        >>> english = load_backbone("minilm-l3")
        >>> language_fit(english.card, english.tokenizer, ["a fine tea", "好茶"]).reason
        "minilm-l3 can't read 50% of the rows: they are written in Han."
    """
    some = list(texts)[:: max(1, len(texts) // SAMPLE)][:SAMPLE]
    scripts = main_scripts(some)
    shares = row_shares(scripts)
    cuts = {
        script: cut_of(
            tokenizer,
            [text for text, own in zip(some, scripts, strict=True) if own == script],
            spaced=script not in _UNSPACED,
        )
        for script in shares
    }
    lost = {script: why for script in shares if (why := _why_not(card, script, cuts[script]))}
    unread = _unread(shares, lost)
    readable = 1.0 - sum(shares[script] for script in lost)
    whole = Cut(
        sum(cut.words for cut in cuts.values()),
        sum(cut.tokens for cut in cuts.values()),
        sum(cut.unknown for cut in cuts.values()),
    )
    fits = readable >= READS_MOST
    reason = (
        f"{card.name} {unread}"
        if not fits
        else f"{card.name} reads these texts ({whole.fertility:.1f} tokens a word)."
    )
    return LanguageFit(whole.fertility, whole.unknown_share, shares, fits, reason, readable, unread)


def unread(fits: Mapping[str, LanguageFit]) -> list[str]:
    """What networks can't read, in sentences; those that say the same share one.

    Args:
        fits: By the network's name.

    Example:
        >>> fit = LanguageFit(9.0, 0.4, unread="can't read 9% of the rows: they are in Han.")
        >>> unread({"a": fit, "b": fit, "c": LanguageFit(1.0, 0.0)})
        ["a and b can't read 9% of the rows: they are in Han."]
    """
    whose: dict[str, list[str]] = {}
    for name in sorted(fits):
        if fits[name].unread:
            whose.setdefault(fits[name].unread, []).append(name)
    return [f"{listed(names)} {text}" for text, names in whose.items()]


def _unread(shares: Mapping[str, float], lost: Mapping[str, str]) -> str:
    """The rows that aren't read, with the reasons of their scripts; "" where all are."""
    if not lost:
        return ""
    share = sum(shares[script] for script in lost)
    told = f"{share:.0%}" if share >= 0.01 else "less than 1%"
    foreign = [script for script, why in lost.items() if why == _FOREIGN]
    reasons = [f"they are {_FOREIGN} {listed(foreign)}"] if foreign else []
    reasons += [why for why in lost.values() if why != _FOREIGN]
    return f"can't read {told} of the rows: {'; '.join(reasons)}."


def _why_not(card: BackboneCard, script: str, cut: Cut) -> str:
    """Why texts in this script can't be read, or an empty text if they can."""
    if not reads(card, script):
        return _FOREIGN
    if cut.unknown_share > _MOST_UNKNOWN:
        return f"the vocabulary lacks {cut.unknown_share:.0%} of what is written in {script}"
    limit = _MOST_PIECES_UNSPACED if script in _UNSPACED else _MOST_PIECES
    if not card.languages and cut.fertility > limit:
        unit = "character" if script in _UNSPACED else "word"
        return f"the tokenizer needs {cut.fertility:.1f} tokens a {unit} written in {script}"
    return ""


@cache
def _in_word(sign: str) -> bool:
    # A pattern's \\w leaves out the vowel signs that Indic words are made with.
    return sign.isalnum() or unicodedata.category(sign).startswith("M")
