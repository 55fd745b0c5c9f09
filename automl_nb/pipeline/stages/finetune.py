"""The network itself adapted to the task, where time and data allow."""

from __future__ import annotations

from dataclasses import dataclass, replace

from automl_nb.pipeline.asked_tuning import config_of, tuned_by
from automl_nb.pipeline.backbones import image_backbones, text_backbones
from automl_nb.pipeline.recall import recognise
from automl_nb.pipeline.stages import columns
from automl_nb.pipeline.workbench import Workbench

_SMALLER = {"minilm-l6": "minilm-l3", "efficientnet-lite1": "efficientnet-lite0"}


@dataclass(frozen=True)
class _Plan:
    """One network to be tuned in one way."""

    strategy: str
    column: str
    backbone: str
    modality: str

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
    plans = [_Plan(strategy, *one) for one in chosen for strategy in strategies]
    tuned = 0
    for number, plan in enumerate(plans):
        # What one leaves of its time is there for those that follow.
        tuned += _tune(bench, plan, share=1.0 / (len(plans) - number))
    if not tuned:
        return "it would not have ended in time"
    joined = bench.champion is not None and any(
        member.strategy in strategies for member, _, _ in bench.champion.members
    )
    return f"{tuned} tuned" + ("" if joined else ", not more than noise above the best so far")


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
    made = bench.train(
        plan.strategy,
        (),
        plan.name,
        share=share * _before_the_test(bench, plan),
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
