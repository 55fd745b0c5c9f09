"""Writing a new cell from a widget, with the help of the front end's extension."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TARGET = "automl_nb:cell"


def cell_at_work(shell: Any) -> str:
    """The id of the cell that is being run, as front ends tell it; "" where they don't."""
    kernel = getattr(shell, "kernel", None)
    parent = kernel.get_parent("shell") if kernel is not None else {}
    return str(parent.get("metadata", {}).get("cellId", ""))


def write_cell(text: str, cell: str, on_done: Callable[[bool], None]) -> None:
    """Ask the front end for a cell with this text below another.

    Args:
        text: What is to stand in it.
        cell: The id of the cell above, or "".
        on_done: Called with whether it was written; never where the front end doesn't answer.
    """
    import comm

    asked = comm.create_comm(target_name=TARGET, data={"text": text, "cell": cell})
    asked.on_msg(lambda message: on_done(bool(message["content"]["data"].get("written"))))
    asked.on_close(lambda _: on_done(False))  # as it knows no such target
