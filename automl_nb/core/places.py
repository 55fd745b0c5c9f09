"""Whether a file may be written where `--out` says, looked at before any work is done."""

from __future__ import annotations

import json
import os
from pathlib import Path

from automl_nb.core.errors import SettingError

_CARD = {"recommendations", "entries", "measure"}  # what a decision card's JSON has, among others


def check_place(target: str) -> None:
    """Refuse, before any work, an --out where nothing can be written; "" is always fine.

    Raises:
        SettingError: Its folder isn't there, or may not be written to.
    """
    parent = Path(target).expanduser().absolute().parent
    if not target:
        return
    if not parent.is_dir():
        raise SettingError(
            "The folder of --out must be there.",
            received=target,
            hint="Make it first, or choose another.",
        )
    if not os.access(parent, os.W_OK):
        raise SettingError(
            "The folder of --out must be one that can be written to.",
            received=target,
            hint="Choose another.",
        )


def check_card_place(target: str) -> None:
    """As `check_place`; further, what is there already may only be an earlier decision card.

    Raises:
        SettingError: Something else is there.
    """
    check_place(target)
    path = Path(target).expanduser()
    if target and path.exists() and not _is_card(path):
        raise SettingError(
            "--out must name a new file, or a decision card that is to be replaced.",
            received=target,
            hint="Choose another name, or delete the file.",
        )


def _is_card(path: Path) -> bool:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(found, dict) and set(found) >= _CARD
