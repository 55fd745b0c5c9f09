"""A decision card as text for a terminal and as HTML for a notebook.

The HTML stands alone: inline styles in the page's own colours, no script, nothing fetched.
Every text that comes from data is escaped.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape

from automl_nb.core.show import parts
from automl_nb.core.show.svg import COLOURS
from automl_nb.core.show.text import columns
from automl_nb.core.show.words import clip, count, duration, size
from automl_nb.core.types import TaskKind
from automl_nb.evaluate.words import label
from automl_nb.explorer.card import DecisionCard, Entry, Recommendation
from automl_nb.explorer.language import unread
from automl_nb.explorer.scores.base import CONSTANT

_NOTHING = "-"
_WIDTH = 92  # characters of a line of text
_NAMES = {"logme": "LogME", "nleep": "NLEEP", "transrate": "TransRate", "leep": "LEEP"}
_EXTRA = tuple(_NAMES)


def as_text(card: DecisionCard, *, stable: bool = False) -> str:
    """The card for a terminal; `stable` leaves out what differs from time to time."""
    lines = [headline(card, stable=stable), *_wrapped(card.measured)]
    for advice in card.recommendations:
        entries = [entry for entry in card.entries if entry.column == advice.column]
        lines += ["", *_wrapped(advice.sentence)]
        tables = (_quality(card, entries), _further(entries), _costs(entries, stable=stable))
        for heads, rows in tables:
            lines += ["", *columns([heads, *rows], words=(0,))] if rows else []
        lines += [f"  {text}" for text in unsaid(entries)]
        lines += [f"  {text}" for text in notes(entries)]
    for text in _asides(card, stable=stable):
        lines += ["", *_wrapped(text)]
    return "\n".join(lines)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_on_hyphens=False)  # names have hyphens


def as_html(card: DecisionCard, *, stable: bool = False) -> str:
    """The card for a notebook; `stable` leaves out what differs from time to time."""
    blocks = [f'<div style="opacity:.8">{escape(headline(card, stable=stable))}</div>']
    blocks += [_aside(card.measured)] if card.measured else []
    for advice in card.recommendations:
        entries = [entry for entry in card.entries if entry.column == advice.column]
        name = label(advice.column)
        blocks += [
            _advice(advice),
            parts.table(f"What '{name}' tells each network", *_quality(card, entries)),
            _intervals(card, entries),
            parts.table("What each network costs here", *_costs(entries, stable=stable)),
            *(_note(text) for text in notes(entries)),
            *(_aside(text) for text in unsaid(entries)),
            _scores(entries),
        ]
    blocks += [_aside(text) for text in _asides(card, stable=stable)]
    return (
        f'<div style="max-width:900px;padding:2px 8px;color:{parts.INK};line-height:1.5;'
        'font-family:var(--jp-ui-font-family,inherit);font-size:13px">'
        f"{''.join(blocks)}</div>"
    )


def headline(card: DecisionCard, *, stable: bool = False) -> str:
    """What was looked at, in one line."""
    told = [
        f"Which network for {label(card.label)} ({card.task})",
        f"compared on {count(card.n_looked, 'row')} of {card.n_rows:,}",
    ]
    told += [] if stable else [f"took {duration(card.seconds)}"]
    told += [f"ended early: {card.ended}"] if card.ended else []
    return " · ".join(told)


def notes(entries: Sequence[Entry]) -> list[str]:
    """What is missing, or should be known, about the networks of a column."""
    found = [f"{entry.name}: {clip(entry.note, 300)}" for entry in entries if entry.note]
    found += [clip(text, 300) for text in unread({e.name: e.reading for e in entries if e.reading})]
    return found


def unsaid(entries: Sequence[Entry]) -> list[str]:
    """The scores that say nothing of a network, each with its reason."""
    networks = [entry for entry in entries if not entry.is_baseline]
    of: dict[tuple[str, str], list[str]] = {}
    for entry in networks:
        for name in (*_EXTRA, "h-score"):
            if name in entry.silent and entry.silent[name] != CONSTANT:
                of.setdefault((name, entry.silent[name]), []).append(entry.name)
    return [
        f"No {_NAMES.get(name, 'H-score')}"
        + (f" of {clip(', '.join(whose), 80)}" if len(whose) < len(networks) else "")
        + f": {why}."
        for (name, why), whose in of.items()
    ]


def _asides(card: DecisionCard, *, stable: bool) -> list[str]:
    """What this machine remembers and lacks, which is another on each machine."""
    if stable:
        return []
    named = [f"{entry.name} ({entry.prior:.0f})" for entry in card.elsewhere]
    lacking = (
        "Not on this machine, with the millions of weights that compute, which is all that is "
        f"known of them here: {', '.join(dict.fromkeys(named))}. While online, "
        "backbones='NAME' fetches one."
    )
    return [text for text in (card.memory, lacking if named else "") if text]


Table = tuple[list[str], list[list[str]]]


def _quality(card: DecisionCard, entries: Sequence[Entry]) -> Table:
    """Heads and rows of what was found out about how well each network suits."""
    heads = ["network", f"foretold {card.measure}", "90% interval", "mean rank"]
    rows = []
    for entry in entries:
        foretold = entry.forecast
        rows.append(
            [
                _name(entry),
                foretold.told(foretold.value) if foretold else _NOTHING,
                f"[{foretold.told(foretold.low)}, {foretold.told(foretold.high)}]"
                if foretold
                else _NOTHING,
                _NOTHING if entry.mean_rank is None else f"{entry.mean_rank:.1f}",
                *(_score(entry, name) for name in ("ridge", "knn", "h-score")),
            ]
        )
    return [*heads, *(title + of_what(card) for title in ("ridge", "kNN")), "H-score"], rows


def of_what(card: DecisionCard) -> str:
    """What ridge and kNN measure, to stand after their names where that isn't what is foretold.

    Example:
        >>> of_what(DecisionCard("y", "regression", "RMSE", 90, 90))
        ' R²'
    """
    single = card.task in {TaskKind.BINARY.value, TaskKind.MULTICLASS.value}
    measured = "accuracy" if single else "R²"
    return "" if measured == card.measure else f" {measured}"


def _costs(entries: Sequence[Entry], *, stable: bool) -> Table:
    """Heads and rows of what each network costs, and whether it may and can be used."""
    reads = any(entry.reading is not None for entry in entries)
    heads = ["network", "weights", *([] if stable else ["items/s", "memory"]), "disk"]
    rows = []
    for entry in entries:
        if entry.is_baseline:
            continue
        speed = [
            f"{entry.items_per_s:,.0f}" if entry.items_per_s else _NOTHING,
            size(entry.memory_bytes) if entry.memory_bytes else _NOTHING,
        ]
        rows.append(
            [
                _name(entry),
                f"{entry.parameters / 1e6:.1f} M" if entry.parameters else _NOTHING,
                *([] if stable else speed),
                size(entry.disk_bytes) if entry.disk_bytes else _NOTHING,
                clip(entry.licence, 24) or _NOTHING,
                *([_reading(entry)] if reads else []),
            ]
        )
    return [*heads, "licence", *(["can read it"] if reads else [])], rows


def _name(entry: Entry) -> str:
    return f"{entry.name} (no network)" if entry.is_baseline else clip(entry.name, 40)


def _score(entry: Entry, name: str) -> str:
    value = entry.scores.get(name)
    if value is not None:
        return f"{value:.3f}"
    return CONSTANT if entry.silent.get(name) == CONSTANT else _NOTHING


def _reading(entry: Entry) -> str:
    reading = entry.reading
    if reading is None:
        return _NOTHING
    return f"{'yes' if reading.fits else 'no'}, {reading.fertility:.1f} tokens/word"


def _advice(advice: Recommendation) -> str:
    colour = {"strong": parts.GOOD, "weak": parts.WARN}.get(advice.evidence, parts.BAD)
    said = {"strong": "clear", "weak": "weak evidence"}.get(advice.evidence, "no recommendation")
    if advice.evidence == "strong" and advice.helps is False:
        # Which network is best is one question, whether one is of use another.
        colour, said = parts.WARN, "clear among networks"
    told = f"{parts.badge(said, colour)} <strong>{escape(advice.sentence)}</strong>"
    return f'<p style="margin:8px 0">{told}</p>'


def _aside(text: str) -> str:
    return f'<p style="margin:8px 0;opacity:.8">{escape(text)}</p>'


def _note(text: str) -> str:
    return f'<div><span aria-hidden="true">⚠</span> {escape(text)}</div>'


def _intervals(card: DecisionCard, entries: Sequence[Entry]) -> str:
    """The forecasts' intervals on one scale, so that one sees which of them overlap."""
    drawn = [(entry, entry.forecast) for entry in entries if entry.forecast is not None]
    if not drawn:
        return ""
    low = min(made.low for _, made in drawn)
    span = max(max(made.high for _, made in drawn) - low, 1e-9)
    lines = []
    for place, (entry, made) in enumerate(drawn):
        colour = COLOURS[place % len(COLOURS)]
        left, length = 100 * (made.low - low) / span, 100 * (made.high - made.low) / span
        dot = 100 * (made.value - low) / span
        lines.append(
            '<div style="display:flex;align-items:center;gap:8px">'
            '<span style="flex:0 0 13em;overflow:hidden;text-overflow:ellipsis;'
            f'white-space:nowrap">{escape(_name(entry))}</span>'
            f'<span style="position:relative;flex:1 1 auto;height:12px;background:{parts.VEIL}">'
            f'<span style="position:absolute;left:{left:.1f}%;width:{length:.1f}%;top:4px;'
            f'height:4px;background:{colour}"></span>'
            f'<span style="position:absolute;left:{dot:.1f}%;margin-left:-5px;top:1px;width:10px;'
            f'height:10px;border-radius:5px;background:{colour}"></span></span></div>'
        )
    told = drawn[0][1].told
    ends = f"<span>{told(low)}</span><span>{told(low + span)}</span>"
    said = f"Foretold {card.measure} with all {drawn[0][1].n_rows:,} rows, 90% intervals"
    said += "" if drawn[0][1].greater_is_better else "; less is better"
    return (
        '<figure style="max-width:560px;margin:6px 0"><figcaption style="font-weight:600">'
        f'{escape(said)}</figcaption><div aria-hidden="true">{"".join(lines)}'
        '<div style="display:flex;justify-content:space-between;margin-left:13em;padding-left:8px;'
        f'opacity:.8">{ends}</div></div></figure>'
    )


def _further(entries: Sequence[Entry]) -> Table:
    """Heads and rows of what doesn't rank: the prior and the further scores."""
    networks = [entry for entry in entries if not entry.is_baseline]
    shown = [name for name in _EXTRA if any(name in entry.scores for entry in networks)]
    rows = [
        [
            clip(entry.name, 40),
            _NOTHING if entry.prior is None else f"{entry.prior:.1f}",
            *(_score(entry, name) for name in shown),
        ]
        for entry in networks
    ]
    return ["network", "prior", *(_NAMES[name] for name in shown)], rows


def _scores(entries: Sequence[Entry]) -> str:
    """The further scores, folded."""
    drawn = parts.table("Prior and further scores, more is better", *_further(entries))
    return (
        '<details><summary style="cursor:pointer">Prior and further scores</summary>'
        f"{drawn}</details>"
    )
