"""What a cell's body is: a query, settings, or rows to be answered."""

from __future__ import annotations

import argparse
from typing import Any

from automl_nb.core.errors import SettingError
from automl_nb.notebook.toml_body import BESIDE, OPTIONS, is_setting, settings_in


def take_body(verb: str, args: argparse.Namespace, body: str) -> None:
    """Put what a body says beside what the line says.

    Below `fit` stand settings, see `toml_body`. Where DATA is a URL it is a query, unless its
    first line assigns something or begins a table, as no query does. Below `predict` stand rows.

    Raises:
        SettingError: This subcommand takes no body, or the line has said the same already.
    """
    if verb == "predict":
        _take_rows(args, body)
    elif verb == "fit":
        _take_settings(args, body)
    else:
        raise SettingError(
            "Only '%%automl fit' and '%%automl predict' take a cell's body.",
            received=verb,
            hint=f"Write '%automl {verb} ...' with one percent sign.",
        )


def _take_settings(args: argparse.Namespace, body: str) -> None:
    if "://" in str(args.data) and not is_setting(_first_line(body)):
        _put(args, "sql", body.strip())
        return
    found, where = settings_in(body)
    args.places = where
    for name, value in found.items():
        _put(
            args, name, value, f", line {where[name].line + 1} of the cell" if name in where else ""
        )


def _put(args: argparse.Namespace, name: str, value: Any, place: str = "") -> None:
    if name in args:
        flag = BESIDE.get(name) or OPTIONS[name].flag
        raise SettingError(
            "Each setting stands either on the line or below it.",
            received=f"{flag} and a body that gives it too{place}",
            hint="Leave one of both out.",
        )
    if value is not False:  # a switch that isn't given is off
        setattr(args, name, value)


def _take_rows(args: argparse.Namespace, body: str) -> None:
    if "data" in args:
        raise SettingError(
            "Rows stand either below '%%automl predict MODEL' or in DATA.",
            received=f"{args.data} and a body",
            hint="Leave one of both out.",
        )
    args.rows = body


def _first_line(body: str) -> str:
    lines = (line.strip() for line in body.splitlines())
    return next((line for line in lines if line and not line.startswith("#")), "")
