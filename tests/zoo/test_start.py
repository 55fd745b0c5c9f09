"""What the first use of a network is expected to cost."""

from __future__ import annotations

import pytest

from automl_nb.zoo import start
from automl_nb.zoo.device import choose_device
from automl_nb.zoo.load import forget_backbones, load_backbone


@pytest.fixture
def new_process(monkeypatch, tmp_path):
    """A cache folder of its own, and a process that has not used a network yet."""
    monkeypatch.setenv("AUTOML_NB_CACHE", str(tmp_path))

    def begin():
        monkeypatch.setattr(start, "_begun", set())

    begin()
    return begin


def test_a_network_costs_its_start_once_in_a_process(new_process):
    forget_backbones()
    assert start.start_s("network") > 0.0
    load_backbone("minilm-l3")
    assert start.start_s("torch", "network") == 0.0


def test_pytorch_alone_is_half_the_way(new_process):
    choose_device("cpu")
    assert start.start_s("torch") == 0.0
    assert start.start_s("torch", "network") == start.start_s("network") > 0.0


def test_what_was_never_used_here_takes_longer(new_process):
    first = start.start_s("network")
    start.begun("network")
    new_process()
    assert 0.0 < start.start_s("network") < first


def test_a_cache_that_cannot_be_written_costs_nothing_but_patience(new_process, tmp_path):
    (tmp_path / "begun").write_text("a file")
    first = start.start_s("network")
    start.begun("network")
    assert start.start_s("network") == 0.0
    new_process()
    assert start.start_s("network") == first
