"""The steps that can be explained, in the order of a run.

To add one: write a `base.Step` in a file of its own, add its line here.
"""

from __future__ import annotations

from automl_nb.core.registry import Registry, Spec

_AT = "automl_nb.explained.steps"
STEPS = Registry(
    "step",
    (
        Spec("split", f"{_AT}.split:split", "Which rows are held out, and why."),
        Spec("encoding", f"{_AT}.encoding:encoding", "What encoding makes of one row of a table."),
        Spec("tokens", f"{_AT}.tokens:tokens", "How a text is cut into pieces."),
        Spec(
            "features",
            f"{_AT}.features:features",
            "What a frozen network's features look like in two dimensions.",
        ),
        Spec("backbone", f"{_AT}.backbone:backbone", "Why this pretrained network."),
        Spec("search", f"{_AT}.search:search", "What the search of settings tried."),
        Spec(
            "warm-up",
            f"{_AT}.training:warm_up",
            "How the learning rate of a network rises and falls.",
            "Goyal et al. 2017, arXiv 1706.02677",
        ),
        Spec("over-fitting", f"{_AT}.training:over_fitting", "Where a training learns by heart."),
        Spec(
            "ensemble",
            f"{_AT}.ensemble:ensemble",
            "What the ensemble blends.",
            "Caruana et al. 2004",
        ),
        Spec(
            "calibration",
            f"{_AT}.calibration:calibration",
            "What calibration changed.",
            "Guo et al. 2017, arXiv 1706.04599",
        ),
    ),
)
