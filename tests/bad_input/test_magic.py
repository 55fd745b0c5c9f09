"""Every bad input through the magic: the cell fails, and says so in two or three lines."""

from __future__ import annotations

import pytest

from tests.bad_input.cases import typed
from tests.bad_input.catalogue import CASES

TYPED = [case for case in CASES if not case.in_python]


@pytest.mark.parametrize("case", TYPED, ids=lambda case: case.name)
@pytest.mark.usefixtures("nothing_lost")
def test_bad_input_is_told_in_plain_words(case, place, shell):
    line, names = typed(case, place)
    shell.names.update(names, kept="precious")
    cell = shell.run(f"%automl {line}", success=False)
    case.check(cell.error, typed=True)
    assert cell.out.strip().splitlines() == cell.error.lines()
    assert "Traceback" not in cell.out + cell.err + cell.text
    assert shell.names["kept"] == "precious"
