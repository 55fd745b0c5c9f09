"""The catalogue of executors. To add one: write its file, add its line here."""

from automl_nb.core.registry import Registry, Spec

_HERE = "automl_nb.control.executors"

EXECUTORS = Registry(
    "executor",
    (
        Spec("thread", f"{_HERE}.thread:Thread", "In the run's own process, one at a time."),
        Spec(
            "process",
            f"{_HERE}.process:Process",
            "In processes of their own: what hangs is killed, a crash costs one trial.",
            requires=("psutil",),
        ),
    ),
)
