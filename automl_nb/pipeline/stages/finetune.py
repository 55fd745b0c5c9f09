"""The network itself adapted to the task, where time and data allow."""

from __future__ import annotations

from dataclasses import dataclass, replace

from automl_nb.pipeline.asked_tuning import config_of, tuned_by
from automl_nb.pipeline.backbones import image_backbones, text_backbones
from automl_nb.pipeline.recall import recognise
from automl_nb.pipeline.stages import columns
from automl_nb.pipeline.workbench import Workbench
from automl_nb.transfer.settable import USUAL_STRATEGY
from automl_nb.transfer.top_layers import TopLayers
from automl_nb.zoo.load import resolve

_SMALLER = {"minilm-l6": "minilm-l3", "efficientnet-lite1": "efficientnet-lite0"}


@dataclass(frozen=True)
class _Plan:
    """One network to be tuned in one way."""

    strategy: str
    column: str
    backbone: str
    modality: str
    instead: str = ""  # what this is tried for, where another plan lacked time

    @property
    def told(self) -> str:
        """What was tuned in place of all layers of the best network."""
        return f"{self.backbone}: {self.instead}, as an epoch of all layers did not fit the time"

    @property
    def name(self) -> str:
        """On the leaderboard."""
        how = "fine-tuned" if self.strategy == "finetune" else self.strategy
        return f"{self.backbone}({self.column}): {how}"

    @property
    def features(self) -> str:
        """The block of the backbone's frozen features."""
        return f"frozen-{self.modality}({self.column}, {self.backbone})"


def work(bench: Workbench) -> str:
    """Tune the best backbone of one text and one picture column with each chosen strategy."""
    if not (columns.texts(bench) or columns.pictures(bench)):
        return "not needed: there are no texts or pictures"
    strategies = tuned_by(bench.settings)
    if not strategies:
        return "not needed: not among the chosen strategies"
    recognise(bench)
    chosen = _backbones(bench)
    if not chosen:
        return "not needed: no backbone at hand reads these columns"
    tuned: list[_Plan] = []
    for number, one in enumerate(chosen):
        for place, ways in enumerate(_ways(bench, strategies, *one)):
            # What one leaves of its time is there for those that follow.
            rest = (len(chosen) - number) * len(strategies) - place
            tuned += _first_in_time(bench, ways, share=1.0 / rest)
    if not tuned:
        return "it would not have ended in time"
    names = {plan.name for plan in tuned}
    joined = bench.champion is not None and any(
        member.name in names for member, _, _ in bench.champion.members
    )
    told = [plan.told for plan in tuned if plan.instead] or [f"{len(tuned)} tuned"]
    return "; ".join(told) + ("" if joined else ", not more than noise above the best so far")


def _ways(
    bench: Workbench, strategies: tuple[str, ...], column: str, backbone: str, modality: str
) -> list[list[_Plan]]:
    """For each strategy the plans that are tried in turn, until one ends in time.

    Where the choice is open, an epoch of all layers that doesn't fit is followed by the upper
    layers alone, whose lower ones are computed once, and then by a smaller network.
    """
    plans = [_Plan(strategy, column, backbone, modality) for strategy in strategies]
    if strategies != (USUAL_STRATEGY,) or "auto" not in bench.settings.strategies:
        return [[plan] for plan in plans]
    whole, tops = plans[0], TopLayers()
    ways = [whole]
    if not tops.refuses(resolve(backbone), bench.dataset.task):
        ways.append(replace(whole, strategy=tops.name, instead="its upper layers alone"))
    smaller = _SMALLER.get(backbone)
    if smaller and "auto" in bench.settings.backbones:
        ways.append(replace(whole, backbone=smaller, instead="the smaller network"))
    return [ways]


def _first_in_time(bench: Workbench, ways: list[_Plan], *, share: float) -> list[_Plan]:
    """The first plan that ends, as long as it is time that those before it lacked."""
    for plan in ways:
        if _tune(bench, plan, share=share):
            return [plan]
        if plan.name not in bench.cut:
            break
    return []


def _backbones(bench: Workbench) -> list[tuple[str, str, str]]:
    """The column, backbone and modality of one text and one picture column."""
    found = []
    for column in columns.texts(bench)[:1]:
        names = _encoded_first(bench, column, text_backbones(bench, column), "text")
        found += [(column, name, "text") for name in names[:1]]
    for column in columns.pictures(bench)[:1]:
        names = _encoded_first(bench, column, image_backbones(bench, column), "image")
        found += [(column, name, "image") for name in names[:1]]
    return found


def _encoded_first(bench: Workbench, column: str, names: list[str], modality: str) -> list[str]:
    """The backbones whose frozen features are at hand come first: the head starts there."""
    return sorted(names, key=lambda n: f"frozen-{modality}({column}, {n})" not in bench.encoders)


def _tune(bench: Workbench, plan: _Plan, *, share: float) -> int:
    bench.check()
    share *= _before_the_test(bench, plan)
    if not share:
        bench.cut.append(plan.name)
        return 0
    made = bench.train(
        plan.strategy,
        (),
        plan.name,
        share=share,
        column=plan.column,
        backbone=plan.backbone,
        modality=plan.modality,
        features=plan.features if plan.features in bench.encoders else "",
        **config_of(plan.strategy, bench.settings),
    )
    bench.improve()
    smaller = _SMALLER.get(plan.backbone)
    if made is None and bench.short_of_memory and smaller:
        bench.short_of_memory = False
        return _tune(bench, replace(plan, backbone=smaller), share=share)
    return int(made is not None)


def _before_the_test(bench: Workbench, plan: _Plan) -> float:
    """The share of the time left beside what the tuned network will need for the test part."""
    return max(0.0, 1.0 - bench.test_s(plan.features) / max(bench.left, 1e-9))
