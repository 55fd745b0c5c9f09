"""Whether a person is before the front end, and what they read, as far as it tells."""

from __future__ import annotations

from typing import Any

from automl_nb.core.show.messages import front_end_speaks

TARGET = "automl_nb:locale"


def ask_locale() -> None:
    """Ask the front end; the answer comes after the cell, from one that has the extension.

    The protocol of kernels has no word for it.
    """
    import comm

    asked = comm.create_comm(target_name=TARGET)
    asked.on_msg(lambda message: front_end_speaks(str(message["content"]["data"]["locale"])))


def is_watched(shell: Any) -> bool:
    """Whether the cell at work was run by somebody who can be asked something.

    nbconvert, papermill and the like say with each cell that nobody can. Their kernel ends with the
    last cell, and what a thread draws after that is in no file.
    """
    kernel = getattr(shell, "kernel", None)
    if kernel is None:
        return True
    asked = kernel.get_parent().get("content", {})
    return bool(asked.get("allow_stdin", True))
