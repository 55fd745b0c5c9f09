"""Names cut to the room that they have, so that those which differ still do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from automl_nb.core.show.words import clip


def clip_middle(text: str, most: int) -> str:
    """One line of at most `most` characters, of which the middle is left out.

    Example:
        >>> clip_middle("efficientnet-lite0(image): fine-tuned #3", 20)
        'efficient…e-tuned #3'
    """
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    head = (most - 1) // 2
    return f"{line[:head]}…{line[head + 1 - most :]}"


def told_apart(names: Sequence[str], most: int) -> list[str]:
    """Names of at most `most` characters each; such as differ still do.

    The middle is left out, unless it is there that some of them differ: then these keep the
    beginning and what stands where they part.

    Example:
        >>> told_apart(["ridge", "tfidf-word(text): ridge #1", "tfidf-word(text): ridge #2"], 12)
        ['ridge', 'tfidf…dge #1', 'tfidf…dge #2']
        >>> told_apart(["words of a and more than that", "words of b and more than that"], 14)
        ['wor…a and mor…', 'wor…b and mor…']
    """
    cut = {name: clip_middle(name, most) for name in names}
    for alike in _alike(cut):
        cut |= _from_where_they_part(alike, most)
    return [cut[name] for name in names]


def _alike(cut: Mapping[str, str]) -> list[list[str]]:
    """Names that differ and were cut to the same text."""
    groups: dict[str, list[str]] = {}
    for name, text in cut.items():
        groups.setdefault(text, []).append(name)
    return [group for group in groups.values() if len(group) > 1]


def _from_where_they_part(names: Sequence[str], most: int) -> dict[str, str]:
    lines = {name: " ".join(name.split()) for name in names}
    parts = _shared(lines.values())
    head = most // 4
    cut = {
        name: f"{line[:head]}…{clip(line[parts:], most - head - 1)}" for name, line in lines.items()
    }
    for alike in _alike(cut):
        if len(alike) < len(names):  # else nothing tells them apart
            cut |= _from_where_they_part(alike, most)
    return cut


def _shared(lines: Collection[str]) -> int:
    """How many letters all of them begin with."""
    columns = enumerate(zip(*lines, strict=False))
    return next((i for i, letters in columns if len({*letters}) > 1), min(map(len, lines)))
