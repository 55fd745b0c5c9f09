"""The steps that can be explained, in the order of a run.

To add one: write a `base.Step` in a file of its own, add its line here.
"""

from __future__ import annotations

from automl_nb.core.registry import Registry, Spec

STEPS = Registry(
    "step",
    (
        Spec("split", "automl_nb.explained.steps.split:split", "Which rows are held out, and why."),
        Spec(
            "features",
            "automl_nb.explained.steps.features:features",
            "What a frozen network's features look like in two dimensions.",
        ),
    ),
)
