"""The catalogue of schedulers. To add one: write its file, add its line here."""

from automl_nb.core.registry import Registry, Spec

_HERE = "automl_nb.control.schedulers"

SCHEDULERS = Registry(
    "scheduler",
    (
        Spec("none", f"{_HERE}.unlimited:Unlimited", "Each trial goes on to its end."),
        Spec(
            "asha",
            f"{_HERE}.asha:Asha",
            "The best third of the trials that come to a rung goes on, judged at once.",
            "Li et al. 2020, arXiv 1810.05934",
        ),
        Spec(
            "hyperband",
            f"{_HERE}.hyperband:Hyperband",
            "Successive halving that begins later for some trials, where early values mislead.",
            "Li et al. 2018, arXiv 1603.06560",
        ),
        Spec(
            "median",
            f"{_HERE}.median:Median",
            "Stops what is worse than others were by then, in the median; wraps any other.",
            "Golovin et al. 2017",
        ),
    ),
)
