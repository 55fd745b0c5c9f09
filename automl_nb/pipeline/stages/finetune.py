"""The network itself adapted to the task, where time and data allow."""

from __future__ import annotations

import math
from dataclasses import replace

from automl_nb.core.settings import FitSettings
from automl_nb.core.show.words import count
from automl_nb.explorer.advice import Advice
from automl_nb.pipeline.asked_tuning import tuned_by
from automl_nb.pipeline.backbones import image_backbones, text_backbones
from automl_nb.pipeline.few_rows import FEW_STRATEGY, VERY_FEW
from automl_nb.pipeline.left_out import in_words
from automl_nb.pipeline.network_plan import NetworkPlan
from automl_nb.pipeline.recall import recognise
from automl_nb.pipeline.stages import columns, few_shot, tuned_search
from automl_nb.pipeline.stages.in_turn import InTurn, Short
from automl_nb.pipeline.workbench import Workbench
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.transfer.settable import USUAL_STRATEGY
from automl_nb.transfer.top_layers import TopLayers
from automl_nb.transfer.tuner import Tuner
from automl_nb.zoo.load import resolve

_SMALLER = {"minilm-l6": "minilm-l3", "efficientnet-lite1": "efficientnet-lite0"}
_ADAPTER = "lora"  # tuned instead, where the gradients of all weights don't fit the memory
_TOO_LARGE = "as all of its weights did not fit the memory"
_UNFIT = "as an epoch of all layers did not fit the time"


def work(bench: Workbench) -> str:
    """Tune the best backbone of one text and one picture column with each chosen strategy."""
    if not (columns.texts(bench) or columns.pictures(bench)):
        return "not needed: there are no texts or pictures"
    strategies = tuned_by(bench.settings)
    if not strategies:
        return "not needed: not among the chosen strategies"
    instead = few_shot.tuned_instead(bench) if _is_open(bench.settings) else ""
    strategies = (instead,) if instead else strategies
    advice = recognise(bench)
    chosen = _backbones(bench, advice)
    if not chosen:
        return "not needed: no backbone at hand reads these columns"
    todo = [ways for one in chosen for ways in _ways(bench, strategies, one, advice)]
    found = tuned_search.work(bench, [ways[0] for ways in todo if not _unsuited(bench, ways[0])])
    todo = [ways for ways in todo if ways[0] not in found.plans]
    todo = [
        some for ways in todo if (some := [plan for plan in ways if plan not in found.hopeless])
    ]
    tuned = _all_in_time(bench, todo)
    if not (tuned or found.plans):
        return _why_none(bench, strategies)
    _tell_unsuited(bench, [plan for ways in todo for plan in ways])
    names = {*found.names, *(plan.name for plan in tuned)}
    joined = bench.champion is not None and any(
        member.name in names for member, _, _ in bench.champion.members
    )
    told = "; ".join(filter(None, (found.said, *(plan.told for plan in tuned))))
    return told + ("" if joined else ", not more than noise above the best so far")


def _all_in_time(bench: Workbench, todo: list[list[NetworkPlan]]) -> list[NetworkPlan]:
    """What of these was tuned: as many as can be, in the order given."""
    test_s = max((bench.test_s(ways[0].features) for ways in todo), default=0.0)
    out: dict[str, float] = {}

    def attempt(
        ways: list[NetworkPlan], *, share: float, waits: bool
    ) -> NetworkPlan | Short | None:
        names = {plan.name for plan in ways}
        bench.cut = [name for name in bench.cut if name not in names]  # where it is tried again
        waits = waits or len(todo) > 1  # what is left out is told together
        return _first_in_time(bench, ways, share=share, waits=waits)

    def leave_out(ways: list[NetworkPlan], short: Short) -> None:
        name = ways[0].name
        if name not in bench.cut:  # else it was said
            bench.cut.append(name)
            out[name] = short.least_s

    def tell(waiting: int) -> None:
        if len(todo) > 1:
            bench.say(
                f"An equal part of the time is too little for {waiting} of {len(todo)} ways to "
                "tune: as many of these as it lasts for are trained one after another, in their "
                "order."
            )

    turns: InTurn[list[NetworkPlan], NetworkPlan]
    turns = InTurn(attempt, lambda: bench.left - test_s, leave_out, tell)
    made = turns(todo)
    if out:
        bench.say(in_words(out, bench.left - test_s))
    return made


def _is_open(settings: FitSettings) -> bool:
    """Whether it is left to the run how networks are tuned."""
    return "auto" in settings.strategies and tuned_by(settings) == (USUAL_STRATEGY,)


def _tell_unsuited(bench: Workbench, plans: list[NetworkPlan]) -> None:
    """Of a text and a picture network, one may suit a strategy and the other not."""
    for plan in plans:
        if why := _unsuited(bench, plan):
            bench.say(f"{plan.name} is left out: {why}.")


def _unsuited(bench: Workbench, plan: NetworkPlan) -> str:
    tuner: Tuner = STRATEGIES[plan.strategy].load()()
    return tuner.refuses(resolve(plan.backbone), bench.dataset.task)


def _why_none(bench: Workbench, strategies: tuple[str, ...]) -> str:
    """Why no network was tuned: it suits nothing here, it failed, or there was no time."""
    unsuited = [bench.unsuited[name] for name in strategies if name in bench.unsuited]
    if unsuited:
        return f"not needed: {'; '.join(dict.fromkeys(unsuited))}"
    if any(bench.trials.failed_by(name) for name in strategies):
        return "none could be tuned, see the messages"
    return "it would not have ended in time"


def _ways(
    bench: Workbench, strategies: tuple[str, ...], network: NetworkPlan, advice: Advice | None
) -> list[list[NetworkPlan]]:
    """For each strategy the plans that are tried in turn, until one ends in time.

    Where the choice is open, what worked best in earlier tasks like this one comes first. An epoch
    of all layers that doesn't fit is followed by the upper layers alone, whose lower ones are
    computed once, and then by a smaller network.
    """
    plans = [replace(network, strategy=strategy) for strategy in strategies]
    if not _is_open(bench.settings):
        return [[plan] for plan in plans]
    if strategies == (FEW_STRATEGY,):
        why = f"{FEW_STRATEGY}, as half of the classes have {VERY_FEW} rows or fewer"
        return [[replace(plan, why=why)] for plan in plans]
    n_rows = count(len(bench.dataset.development), "row")
    whole = replace(plans[0], why=f"all layers, as {n_rows} and the time here allow")
    ways = [*_advised(bench, whole, advice), whole]
    tops = TopLayers()
    if not tops.refuses(resolve(network.backbone), bench.dataset.task):
        ways.append(replace(whole, strategy=tops.name, why=f"its upper layers alone, {_UNFIT}"))
    smaller = _SMALLER.get(network.backbone)
    if smaller and "auto" in bench.settings.backbones:
        ways.append(replace(whole, backbone=smaller, why=f"the smaller network, {_UNFIT}"))
    return [ways]


def _advised(bench: Workbench, whole: NetworkPlan, advice: Advice | None) -> list[NetworkPlan]:
    """The way of tuning that earlier tasks advise, if it is another and suits."""
    if advice is None or not advice.rivalled:  # what was used alone has won against nothing
        return []
    if advice.strategy == whole.strategy or advice.strategy not in STRATEGIES:
        return []
    spec = STRATEGIES[advice.strategy]
    if not {whole.modality, "backbone"} <= {*spec.tags} or "control" in spec.tags:
        return []
    if not spec.installed:
        return []
    if spec.load()().refuses(resolve(whole.backbone), bench.dataset.task):
        return []
    return [
        replace(
            whole,
            strategy=spec.name,
            why=f"{spec.name}, as it worked best in earlier tasks like this one",
        )
    ]


def _first_in_time(
    bench: Workbench, ways: list[NetworkPlan], *, share: float, waits: bool
) -> NetworkPlan | Short | None:
    """The first plan that ends; those before it lacked time, didn't suit or were dropped."""
    least_s = math.inf
    for plan in ways:
        found = _tune(bench, plan, share=share, waits=waits and len(ways) == 1)
        if isinstance(found, NetworkPlan):
            return found
        if found is not None:
            least_s = min(least_s, found.least_s)
        moves_on = found is not None or plan.name in bench.cut or plan.strategy in bench.unsuited
        if not moves_on and plan.backbone not in bench.dropped:
            break
    return Short(least_s) if math.isfinite(least_s) else None


def _backbones(bench: Workbench, advice: Advice | None) -> list[NetworkPlan]:
    """The network that is tuned on one text and on one picture column."""
    found = []
    for column in columns.texts(bench)[:1]:
        names = _likely_first(bench, column, text_backbones(bench, column), "text", advice)
        found += [NetworkPlan(USUAL_STRATEGY, column, name, "text") for name in names[:1]]
    for column in columns.pictures(bench)[:1]:
        names = _likely_first(bench, column, image_backbones(bench, column), "image", advice)
        found += [NetworkPlan(USUAL_STRATEGY, column, name, "image") for name in names[:1]]
    return found


def _likely_first(
    bench: Workbench, column: str, names: list[str], modality: str, advice: Advice | None
) -> list[str]:
    """The backbones whose frozen features are at hand come first: the head starts there.

    Of these, the one that won in earlier tasks like this one, unless this run's own rows were
    asked.
    """
    worked = "" if advice is None or column in bench.ranked else advice.winner
    return sorted(
        names,
        key=lambda n: (f"frozen-{modality}({column}, {n})" not in bench.encoders, n != worked),
    )


def _tune(
    bench: Workbench, plan: NetworkPlan, *, share: float, waits: bool
) -> NetworkPlan | Short | None:
    """What was tuned: the plan itself, or what needs less memory where it didn't fit."""
    for rung in (plan, *_lighter(bench, plan)):
        found = _tuned(bench, rung, share=share, waits=waits)
        if found is not None or not bench.short_of_memory:
            return found
        bench.short_of_memory = False
    return None


def _lighter(bench: Workbench, plan: NetworkPlan) -> list[NetworkPlan]:
    """Fewer weights to keep gradients of, then fewer weights; a named strategy stays."""
    smaller = _SMALLER.get(plan.backbone)
    networks = [plan, *([replace(plan, backbone=smaller, why="")] if smaller else [])]
    if not (_is_open(bench.settings) and plan.strategy == USUAL_STRATEGY):
        return networks[1:]
    rungs = []
    for network in networks:
        adapted = replace(network, strategy=_ADAPTER, why=f"{_ADAPTER}, {_TOO_LARGE}")
        suits = STRATEGIES[_ADAPTER].installed and not _unsuited(bench, adapted)
        rungs += [network, *([adapted] if suits else [])]
    return rungs[1:]


def _tuned(
    bench: Workbench, plan: NetworkPlan, *, share: float, waits: bool
) -> NetworkPlan | Short | None:
    bench.check()
    if why_not := _unsuited(bench, plan):
        bench.unsuited.setdefault(plan.strategy, why_not)
        return None
    share *= _before_the_test(bench, plan)
    if not share:
        return Short(0.0)
    made = bench.train(
        plan.strategy,
        (),
        plan.name,
        share=share,
        waits=waits,
        **plan.config(bench),
    )
    bench.improve()
    if made is not None:
        return plan
    return Short(bench.trials.needed_s) if bench.trials.ended == "slow" else None


def _before_the_test(bench: Workbench, plan: NetworkPlan) -> float:
    """The share of the time left beside what the tuned network will need for the test part."""
    return max(0.0, 1.0 - bench.test_s(plan.features) / max(bench.left, 1e-9))
