"""Which strategies are rivals of each other."""

from __future__ import annotations

from automl_nb.transfer.catalog import STRATEGIES


def is_judged(strategy: str) -> bool:
    """Whether it is held against others: it is neither a constant nor a control.

    Example:
        >>> is_judged("ridge"), is_judged("prior"), is_judged("random-init")
        (True, False, False)
    """
    if strategy not in STRATEGIES:
        return True
    return not {"baseline", "control"} & {*STRATEGIES[strategy].tags}
