"""The words MODEL and DATA of the commands that ask a model, for magics and command line alike."""

from __future__ import annotations

from collections.abc import Iterable

from automl_nb.core.errors import SettingError
from automl_nb.core.parser import Parser

_MOST = 8


def model_and_data(parser: Parser, model: str, data: str, *, options: str) -> None:
    """Two words, of which the command itself says which is missing: only it knows the names.

    Args:
        parser: Gets them.
        model: Help for MODEL.
        data: Help for DATA.
        options: The further options as the usage shows them.
    """
    parser.add_argument("model", metavar="MODEL", nargs="?", help=model)
    parser.add_argument("data", metavar="DATA", nargs="?", help=data)
    parser.usage = f"%(prog)s MODEL DATA {options}"


def lacking(
    command: str,
    given: str | None,
    *,
    is_data: bool = False,
    models: Iterable[str] = (),
    data: Iterable[str] = (),
) -> SettingError:
    """Says which of MODEL and DATA is missing, and what there is to put there.

    Args:
        command: As it is typed.
        given: The one word that is there; None without any.
        is_data: Whether it stands for data, so that the model was forgotten.
        models: The models' names that are known here.
        data: Those of the data.

    Example:
        >>> print(lacking("predict", "reviews", is_data=True, models=["model"]))
        'predict' needs MODEL before DATA. Received: 'reviews'. Models here: model. Write: predict
        MODEL reviews
    """
    if given is None:
        return SettingError(f"'{command}' needs MODEL and DATA.", hint=f"See: {command} -h")
    if is_data:
        rule, kind, known, line = "MODEL before DATA", "Models", models, f"{command} MODEL {given}"
    else:
        rule, kind, known, line = "DATA after MODEL", "Data", data, f"{command} {given} DATA"
    names = list(known)
    more = ", ..." if len(names) > _MOST else ""
    here = f"{kind} here: {', '.join(names[:_MOST])}{more}. " if names else ""
    return SettingError(f"'{command}' needs {rule}.", received=given, hint=f"{here}Write: {line}")
