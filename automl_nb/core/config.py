"""A person's own defaults for `fit`, from files.

``[tool.automl_nb]`` in the nearest ``pyproject.toml`` comes first, then ``config.toml`` in
the platform's folder for settings. What is typed, and ``%config``, come before both::

    [tool.automl_nb]
    time = "10m"
    backbones = ["minilm-l6"]
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from automl_nb.core.errors import SettingError, UnknownNameError

KEYS = (
    "time",
    "metric",
    "seed",
    "device",
    "backbones",
    "strategies",
    "test_size",
    "folds",
    "sample",
    "run_dir",
)


def configured(here: Path | None = None) -> dict[str, Any]:
    """The defaults that hold in a folder, as keywords of `fit`.

    Args:
        here: The folder to begin at; the working folder if None.

    Raises:
        SettingError: A file cannot be read as TOML, or its table isn't one.
        UnknownNameError: A key is no setting.
    """
    found: dict[str, Any] = {}
    for path, table in ((user_file(), ""), (_project_file(here or Path.cwd()), "tool")):
        if path is not None and path.is_file():
            found |= _settings(path, table)
    return found


def user_file() -> Path:
    """The person's own file: ``AUTOML_NB_CONFIG``, or ``config.toml`` in the usual place."""
    given = os.environ.get("AUTOML_NB_CONFIG")
    if given:
        return Path(given).expanduser()
    from platformdirs import user_config_path  # imported late: %load_ext must stay light

    return user_config_path("automl_nb", appauthor=False) / "config.toml"


def _project_file(here: Path) -> Path | None:
    folders = (here, *here.resolve().parents)
    return next((f / "pyproject.toml" for f in folders if (f / "pyproject.toml").is_file()), None)


def _settings(path: Path, table: str) -> dict[str, Any]:
    import tomllib

    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        hint = "Correct or remove it."
        raise SettingError(f"{path} must be a TOML file: {error}.", hint=hint) from error
    chosen = content.get(table, {}).get("automl_nb", {}) if table else content
    if not isinstance(chosen, dict):
        raise SettingError(f"tool.automl_nb in {path} must be a table.", received=chosen)
    for key in chosen:
        if key not in KEYS:
            raise UnknownNameError("setting", key, KEYS, hint=f"It stands in {path}.")
    return {key: tuple(v) if isinstance(v, list) else v for key, v in chosen.items()}
