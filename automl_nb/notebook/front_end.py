"""Which language the person before the front end reads, as far as the front end tells."""

from __future__ import annotations

from automl_nb.core.show.messages import front_end_speaks

TARGET = "automl_nb:locale"


def ask_locale() -> None:
    """Ask the front end; the answer comes after the cell, from one that has the extension.

    The protocol of kernels has no word for it.
    """
    import comm

    asked = comm.create_comm(target_name=TARGET)
    asked.on_msg(lambda message: front_end_speaks(str(message["content"]["data"]["locale"])))
