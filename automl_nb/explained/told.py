"""Explained steps as parts of a report: shown one by one when they are asked for."""

from __future__ import annotations

from collections.abc import Iterable

from automl_nb.core.events import StepExplained
from automl_nb.core.show.messages import language, say
from automl_nb.explained.show import explanation_of, lines_of
from automl_nb.report.document import Block, Figures, Folded, Paragraph


def blocks_of(events: Iterable[StepExplained]) -> list[Block]:
    """A folded part for each step, in the language that is spoken; its picture within.

    Args:
        events: What a run took down.

    Example:
        >>> blocks_of([StepExplained(0.0, "nap", {})])[0].text[:50]
        "The step 'nap' can't be shown here (UnknownNameErr"
    """
    return [_block(event) for event in events]


def _block(event: StepExplained) -> Block:
    try:
        step = explanation_of(event)
        picture = step.picture()
    except Exception:  # noqa: BLE001 - a step that can't be told must not cost the report
        return Paragraph(" ".join(lines_of(event)), "quiet")
    words = Paragraph(say("explain.blank").join(step.sentences))
    return Folded(step.title, [words, Figures([(f"step-{step.step}", picture)])], language())
