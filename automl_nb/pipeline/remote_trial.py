"""A strategy's trial in a process of its own: how it is told, carried out there, and read."""

from __future__ import annotations

import importlib
import json
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

from automl_nb.control.executors.base import Surroundings, Told
from automl_nb.core.trials import Decision, Report
from automl_nb.pipeline.context_files import ContextFiles, read_context
from automl_nb.pipeline.memo import Remembered, fill_trial, read_trial
from automl_nb.transfer.base import Candidate, Strategy, TrialContext
from automl_nb.transfer.catalog import STRATEGIES

_ENTRY = "automl_nb.pipeline.remote_trial:carry_out"
_RESULT = "trial"


def told(
    files: ContextFiles,
    context: TrialContext,
    strategy: str,
    inputs: tuple[str, ...],
    config: dict[str, Any],
) -> Told[Candidate]:
    """A trial in words.

    Args:
        files: Where what it needs is written.
        context: What it may use.
        strategy: A name of the registry.
        inputs: Keys of the blocks that it reads.
        config: Its settings.

    Raises:
        ValueError, TypeError: Its settings or raw columns can't be told in words.
        TooSlow: There is no time to encode the rows without a label.
        OSError: The disk is full or read-only.
    """
    spec = STRATEGIES[strategy]
    if json.loads(json.dumps(config)) != config:
        raise ValueError("its settings are more than numbers, texts and lists")
    facts = {
        "context": files.facts(
            context, inputs, raw="backbone" in spec.tags, unlabelled="unlabelled" in spec.tags
        ),
        "target": spec.target,
        "inputs": list(inputs),
        "config": config,
    }
    name = str(config.get("name", strategy))

    def read(folder: Path, _said: Any) -> Candidate:
        candidate = read_trial(folder / _RESULT, context.device).candidate
        return replace(candidate, name=name)

    return Told(_ENTRY, facts, read, lasting=context.device == "cpu")


def carry_out(facts: dict[str, Any], around: Surroundings) -> Generator[Report, Decision, None]:
    """Train there, and leave the candidate as files."""
    context = read_context(facts["context"], around)
    module, _, kind = facts["target"].partition(":")
    maker: Strategy = getattr(importlib.import_module(module), kind)()
    candidate = yield from maker.train(context, tuple(facts["inputs"]), facts["config"])
    folder = around.folder / _RESULT
    folder.mkdir()
    fill_trial(folder, Remembered(candidate, answer_s=0.0))
