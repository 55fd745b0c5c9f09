"""The ledger of a run as frames: with the settings as words, or a column for each."""

from __future__ import annotations

from automl_nb.core.errors import UnknownNameError
from automl_nb.core.ledger import comparable, ledger, ledger_rows
from automl_nb.core.show.whole_table import WholeTable
from automl_nb.core.state import RunState


def ledger_table(state: RunState, *, killed: bool = False) -> WholeTable:
    """A row a trial, see `automl_nb.core.ledger.ledger_rows`."""
    return WholeTable(ledger_rows(state, killed=killed))


def settings_table(state: RunState, strategy: str = "", *, killed: bool = False) -> WholeTable:
    """The ledger of one strategy with a column for each setting, in its own type.

    Args:
        state: The run.
        strategy: Its name; that of which most settings were tried if it is left out.
        killed: As in `ledger_rows`.

    Raises:
        UnknownNameError: No trial of the run has this strategy.

    Example:
        >>> from automl_nb.core.events import TrialStarted
        >>> from automl_nb.core.state import replay
        >>> state = replay(TrialStarted(1.0, f"ridge #{i}", "ridge", {"alpha": i}) for i in (1, 2))
        >>> settings_table(state, "ridge")["alpha"].tolist()
        [1, 2]
    """
    tried = state.trials.values()
    known = {trial.strategy for trial in tried}
    if strategy and strategy not in known:
        raise UnknownNameError("strategy with a trial in this run", strategy, sorted(known))
    most = comparable(ledger(state))
    asked = strategy or (most[0].trial.strategy if most else "")
    return WholeTable(
        [
            {key: value for key, value in row.items() if key != "config"} | trial.config
            for row, trial in zip(ledger_rows(state, killed=killed), tried, strict=True)
            if trial.strategy == asked
        ]
    )
