"""What the search of settings tried, and how the best came about."""

from __future__ import annotations

from collections import Counter

import numpy as np

from automl_nb.core.show.messages import say
from automl_nb.core.show.words import clip, number
from automl_nb.explained.base import Explanation, Facts, Moment, Step
from automl_nb.explained.words import drawn, listed, told
from automl_nb.report.ink import Ink, colour
from automl_nb.report.picture import Picture, quiet_grid
from automl_nb.report.scale import interesting

_STAGE = "search"  # of heads; that of networks is a part of the fine-tuning
_MODEL = "model"  # which model a combination is for
_MOST = 120


def _record(moment: Moment) -> Facts | None:
    told_now = [one for one in moment.state.searched if one.was_begun]
    names = Counter(one.search for one in told_now)
    ended = {stage.name for stage in moment.state.stages if stage.outcome}
    if not names or not (moment.over or _STAGE in ended):
        return None
    name = names.most_common(1)[0][0]
    trials = [one for one in told_now if one.search == name and one.value is not None]
    if len(trials) < 2:
        return None
    best = min(trials, key=lambda one: float(one.value or 0.0))
    return {
        "searcher": moment.bench.settings.searcher or "auto",
        "tried": names[name],
        "pruned": sum(one.state == "pruned" for one in told_now if one.search == name),
        "settings": sorted({name for one in trials for name in one.config} - {_MODEL}),
        "best": dict(best.config),
        "best_number": best.number + 1,
        "trials": [[one.number + 1, round(float(one.value or 0.0), 5)] for one in trials[:_MOST]],
    }


def _tell(facts: Facts) -> Explanation:
    best = listed([f"{key} = {_value(value)}" for key, value in facts["best"].items()])
    values = {
        "tried": facts["tried"],
        "pruned": facts["pruned"],
        "searcher": facts["searcher"],
        "settings": listed([clip(name, 40) for name in facts["settings"]]),
        "best": best,
        "number": facts["best_number"],
        "loss": number(min(loss for _, loss in facts["trials"])),
    }
    return Explanation(
        "search",
        say("explain.search.title"),
        told(
            "explain.search",
            "what",
            "chance" if facts["searcher"] in {"random", "grid"} else "learns",
            "pruned" if facts["pruned"] else "",
            "best",
            **values,
        ),
        lambda figure, ink: _draw(figure, facts, ink),
        (6.0, 2.6),
        say("explain.search.alt", **values),
    )


def _value(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else clip(str(value), 40)


def _draw(figure: Picture, facts: Facts, ink: Ink) -> None:
    ax = figure.subplots()
    numbers, losses = (np.array(column) for column in zip(*facts["trials"], strict=True))
    ax.plot(
        numbers, losses, "o", color=colour(0), markersize=4, label=drawn("explain.search.trial")
    )
    ax.step(
        numbers,
        np.minimum.accumulate(losses),
        where="post",
        color=colour(1),
        linewidth=2,
        label=drawn("explain.search.so_far"),
    )
    limits = interesting(losses.tolist(), greater_is_better=False)
    if limits:  # hopeless trials would press the others into a line
        ax.set_ylim(*limits)
    ax.set_xlabel(drawn("explain.search.number"))
    ax.set_ylabel(drawn("explain.loss.held"))
    quiet_grid(ax, ink)
    figure.legend(loc="outside upper left", ncols=2)


search = Step(_record, _tell)
