"""Every sentence of the front ends, in one catalogue.

A language is one dictionary with the same keys; a key that a language lacks is
said in English. What is spoken is said by `use_language`, else by ``AUTOML_NB_LANG``, else by the
front end that is in use, else by the environment (``LANGUAGE``, ``LC_ALL``, ``LC_MESSAGES``,
``LANG``).
"""

from __future__ import annotations

import os
import re

from automl_nb.core.errors import UnknownNameError
from automl_nb.core.show.amount_words import AMOUNTS
from automl_nb.core.show.chinese import CHINESE
from automl_nb.core.show.form_words import FORM
from automl_nb.core.show.step_words import STEP_WORDS

ENGLISH = {
    # the state of a run
    "status.waiting": "waiting",
    "status.running": "running",
    "status.paused": "paused",
    "status.finished": "finished",
    "status.stopped": "stopped",
    "status.failed": "failed",
    "status.broken": "killed",
    "status.stopping": "stopping",
    "status.left": "at work when this was drawn",
    # a step of the recipe
    "stage.done": "done",
    "stage.now": "now",
    "stage.skipped": "skipped",
    "stage.stopped": "stopped",
    "stage.failed": "failed",
    "stage.to_come": "to come",
    # exercises of lessons
    "exercise.open": "Not answered yet.",
    "exercise.right": "Right.",
    "exercise.wrong": "Not yet.",
    # headings and labels
    "run": "run",
    "run.named": "Run '{run}'",
    "stages": "Steps",
    "best": "Best so far",
    "best.final": "Best model",
    "best.preferred": "Preferred model",
    "best.none": "No model yet",
    "validation": "validation",
    "tested": "test {score}",
    "leaderboard": "Leaderboard",
    "leaderboard.more": "and {n} more: run.leaderboard",
    "leaderboard.tied": "{models} are tied with the first: the difference is within noise.",
    "leaderboard.tied.one": "1 other model is tied with the first: the difference is within noise.",
    "messages": "Messages",
    "messages.more": "{n} earlier messages",
    "chart.best": "Best score over time",
    "chart.curves": "Learning curves",
    "chart.beyond": "{n} beyond the axis",
    "chart.seconds": "seconds",
    "chart.share": "% of the trial",
    "chart.models": "each model",
    "chart.incumbent": "best so far",
    "test": "Test score",
    "test.rows": "on {rows} kept aside",
    "test.again": "The test part was used {n} times: the later figures flatter.",
    "task": "{label} ({kind})",
    # columns of tables
    "column.rank": "#",
    "column.model": "model",
    "column.interval": "95% interval",
    "column.fit": "training",
    "column.speed": "ms a row",
    "column.size": "on disk",
    "column.step": "step",
    "column.value": "value",
    "column.metric": "metric",
    "column.parameter": "parameter",
    "column.searched": "searched",
    "column.range": "may be",
    "column.usual": "usual value",
    "column.when": "counts where",
    "column.meaning": "what it is",
    # a search space
    "space": "Search space",
    "space.span": "{low} to {high}",
    "space.factors": "{span}, by factors",
    # time
    "time.used": "{used} used",
    "time.of": "{used} of {budget}",
    "time.left": "at most {left} left",
    "time.took": "took {used}",
    "time.eta": "about {left} left",
    "time.label": "Time used of the budget",
    "work.label": "Progress of: {what}",
    # what the best score is expected to be
    "forecast": "If it goes on: {points}",
    "forecast.ahead": "+{minutes} min: {score}",
    "forecast.end": "at the end: {score}",
    "forecast.checked": "Of {n} that came due, {held} held: at {said} {score} was foretold for "
    "{at}, and {came} came.",
    # what to do next
    "next": "Next",
    "next.predict": "{model}.predict(new_rows)",
    "next.save": "{model}.save('FOLDER'); {model}.predict(new_rows)",
    "next.room": "free some space and run the same line again; the model was only in memory",
    "next.assign": "model = {run}.model",
    "next.named": "%automl predict {run} new_rows",
    "next.shell": "automl-nb predict {folder} new_rows.csv",
    "where": "Saved in",
    "stop.asked": "Stopping and keeping the best model; interrupt again to end at once.",
    "stop.hint": "Interrupt the kernel to stop early and keep the best model.",
    "stop.hint.terminal": "Ctrl-C stops early and keeps the best model.",
    "stop.hint.background": "'%automl stop' ends it early and keeps the best model.",
    "left.hint": "The run ends with the kernel, if it hasn't ended before. '%automl status {run}' "
    "shows what became of it; in a notebook that nobody watches 'run.wait()' waits for it.",
    "stop.asked.background": "{run} is stopping and keeps its best model.",
    "queue.waits": "{run} waits until these have ended: {runs}",
    "queue.turn": "{run} waits for its turn",
    "queue.hint": "'%automl status' lists the runs; '%automl stop {run}' takes this one off.",
    "queue.left": "{run} is taken off the queue; nothing of it was begun.",
    "pause.asked": "{run} pauses; 'resume' goes on with it.",
    "resume.asked": "{run} goes on.",
    "extend.asked": "{run} has {time} more.",
    "skip.asked": "{run} ends the trial at work and goes on with the next.",
    "drop.asked": "{run} tries nothing more with {name}.",
    # commands
    "code.written": "The model of {run} as plain Python is in the next cell.",
    "code.here": "The model of {run} as plain Python:",
    "nothing": "Nothing yet.",
    "list.kinds": "What can be listed:",
    "memory.exported": "Written to {path}",
    "memory.wiped": "Forgotten: {n}",
    "traceback.none": "No error so far.",
    "demo.model": "Model:",
    "demo.notebook": "Notebook:",
    "demo.report": "Report:",
    "demo.open": "Open them in JupyterLab: make lab",
    # errors that nobody foresaw
    "interrupted": "ended at once. '%automl status' shows how far the run came.",
    "unexpected": "Nobody foresaw this error. What a run had done so far is kept: %automl status",
    "unexpected.cli": "The whole traceback: run the same command with --traceback",
    "unexpected.more": "The whole traceback: %automl traceback",
    # one line about a run
    "summary.waiting": "{run}: waiting",
    "summary.running": "{run}: running",
    "summary.paused": "{run}: paused",
    "summary.left": "{run}: at work when this was drawn",
    "summary.scored": "{run}: {status}, {metric} {score}",
    "summary.none": "{run}: {status}, no model",
    **AMOUNTS,
    **FORM,
    **STEP_WORDS,
}

CATALOGUE = {"en": ENGLISH, "zh": CHINESE}


_ENVIRONMENT = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_chosen = _front_end = ""


def use_language(code: str) -> None:
    """Say everything in this language from now on; "" for what front end and environment say.

    Raises:
        UnknownNameError: There is no such language.
    """
    global _chosen  # noqa: PLW0603  (one person looks at a process)
    if code and code not in CATALOGUE:
        raise UnknownNameError("language", code, CATALOGUE)
    _chosen = code


def front_end_speaks(locale: str) -> None:
    """Remember what a front end says of the person before it, such as ``zh-CN``.

    It counts where nobody has chosen a language, and may be one that isn't in the catalogue.
    """
    global _front_end  # noqa: PLW0603  (as above)
    _front_end = locale


def language() -> str:
    """The language that is spoken, a key of the catalogue.

    Example:
        >>> language()
        'en'
    """
    asked = [_chosen, os.environ.get("AUTOML_NB_LANG", ""), _front_end]
    asked += [os.environ.get(name, "") for name in _ENVIRONMENT]
    first = next(filter(None, asked), "en")
    code = re.split("[-_.:@]", first)[0].casefold()  # of zh-CN, zh_CN.UTF-8 and zh:en
    return code if code in CATALOGUE else "en"


def say(key: str, **values: object) -> str:
    """The sentence of this key with its values filled in.

    Example:
        >>> say("time.left", left="42 s")
        'at most 42 s left'
    """
    template = CATALOGUE[language()].get(key) or ENGLISH[key]
    return template.format(**values)


def known(key: str, otherwise: str) -> str:
    """The words of a key that may be unknown, such as of a step that a later version has.

    Example:
        >>> known("kind.text", "?"), known("kind.sound", "sound")
        ('text', 'sound')
    """
    return say(key) if key in ENGLISH else otherwise
