"""A pytest plugin: a cell fails where its kernel replies with an error, whatever it printed.

nbval looks at the outputs of a cell, and some errors of IPython (a magic of an unknown name) are
nothing but a line on stderr.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell


class _Replying(RunningKernel):  # type: ignore[misc]
    """A kernel that keeps the last reply to a cell."""

    status = "ok"

    def get_message(self, stream: str, timeout: float | None = None) -> Any:
        message = super().get_message(stream, timeout)
        if stream == "shell" and message["msg_type"] == "execute_reply":
            self.status = message["content"]["status"]
        return message


def pytest_configure() -> None:
    """Have nbval start kernels of this kind."""
    import nbval.plugin

    nbval.plugin.RunningKernel = _Replying


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Hold the reply against what the cell is marked with."""
    result = yield
    if isinstance(item, IPyNbCell) and not item.options["check_exception"]:
        kernel: _Replying = item.parent.kernel
        if kernel.status == "error":
            pytest.fail("The kernel replied with an error.", pytrace=False)
    return result
