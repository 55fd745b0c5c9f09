"""What is right where a backbone was meant to be a folder here, and isn't one."""

from __future__ import annotations

import re
from pathlib import Path, PurePath

from automl_nb.core.errors import WeightsError, suggest

HOLDS = "config.json, the weights and, for text, the tokenizer"
# As files of weights end, whoever wrote them.
_ENDINGS = {
    *(".safetensors", ".bin", ".pt", ".pth", ".ckpt", ".onnx", ".h5", ".msgpack", ".gguf"),
    *(".pkl", ".json"),
}
_PATH = re.compile(r"[~./\\]|.*[/\\].*[/\\]|[A-Za-z]:|[^/]*\\")


def folder_of(name: str) -> Path | None:
    """The folder of this path, or None if there is none."""
    path = _expanded(name)
    try:
        return path if name.strip() and path.is_dir() else None
    except (OSError, ValueError):  # no name that a file could have
        return None


def refuse_path(name: str) -> None:
    """Refuse a path that leads to no folder; what may be the name of something else passes.

    Args:
        name: No folder's path.

    Raises:
        WeightsError: It leads to a file, or nowhere.

    Example:
        >>> refuse_path("google-bert/bert-base-cased")
        >>> refuse_path("~/models/bert.safetensors")
        Traceback (most recent call last):
        ...
        automl_nb.core.errors.WeightsError: A backbone is given by the folder that holds ...
    """
    path = _expanded(name)
    if _is_file(path) or PurePath(name).suffix.casefold() in _ENDINGS:
        raise WeightsError(
            f"A backbone is given by the folder that holds {HOLDS}.",
            received=f"the file {name}" if _is_file(path) else f"{name}, which isn't there",
            hint=_folder_instead(name),
        )
    if not name.strip() or _PATH.match(name):
        raise WeightsError(
            "A backbone's folder must be there.",
            received=name,
            hint=f"There is no such folder. {near(name)}".strip()
            + f" Give the path of one with {HOLDS}.",
        )


def near(name: str) -> str:
    """The folder beside it that may have been meant, as a question; "" if none is like it."""
    path = _expanded(name)
    if not path.name or not path.parent.is_dir():
        return ""
    try:
        beside = [item.name for item in path.parent.iterdir() if item.is_dir()]
    except OSError:
        return ""
    hint = suggest(path.name, beside)
    if not hint.startswith("Did you mean"):
        return ""
    lead = name.rstrip("/\\")[: -len(path.name)]
    return hint.replace("'", f"'{lead}", 1).replace(", '", f", '{lead}")


def _folder_instead(name: str) -> str:
    typed = name[: -len(PurePath(name).name)].rstrip("/\\") or "."
    folder = _expanded(name).parent
    if (folder / "config.json").is_file():
        return f"Give the folder: '{typed}'."
    if not folder.is_dir():
        return f"There is no folder '{typed}' either. {near(typed)}".strip()
    return "Put all of these into one folder, as save_pretrained does, and give its path."


def _expanded(name: str) -> Path:
    try:
        return Path(name).expanduser()
    except RuntimeError:  # no such user
        return Path(name)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
