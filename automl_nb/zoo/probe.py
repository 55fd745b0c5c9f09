"""Which number format is fastest here, found by a short race instead of a table of chips.

A processor may have instructions for bfloat16 and still be slow at it, so each family
of networks runs a fraction of a second in each format that the device knows. The
result is kept per machine, versions and family in ``dtype.json`` of the cache folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from automl_nb.core.settings import cache_dir
from automl_nb.zoo.backbone import Backbone
from automl_nb.zoo.device import device_info
from automl_nb.zoo.precision import in_dtype, within

if TYPE_CHECKING:
    import torch

TOKENS_A_TEXT = 64
ROUNDS = 3
WARM_UPS = 3
ROUND_S = 0.12
# On a card small batches cost what it takes to start them, whatever the format: only a batch
# of the size that encoders use tells the formats apart.
MOST_ITEMS = {
    "text": {"cpu": 32, "mps": 256, "cuda": 1024},
    "image": {"cpu": 32, "mps": 64, "cuda": 256},
}
# Another format must be clearly faster, so that noise doesn't change a run's numbers.
WORTH_IT = 1.2
MOST_CHANGE = 2.0  # of a rate by one piece of work

_known: dict[str, Probe] = {}
_raced: dict[str, list[float]] = {}  # when this process measured, in seconds
_STALE_S = 30.0  # after which a machine that was busy may be so no longer
_lock = threading.Lock()


@dataclass(frozen=True)
class Probe:
    """The outcome of a race.

    Attributes:
        dtype: The format to use, by its torch name.
        rates: Tokens a second (of a text backbone) or pictures a second, by format.
        pass_s: Seconds of a pass over one item: on a card no small batch takes much less.
    """

    dtype: str
    rates: dict[str, float]
    pass_s: float = 0.0

    @property
    def torch_dtype(self) -> torch.dtype:
        """The format to use."""
        import torch

        found: torch.dtype = getattr(torch, self.dtype)
        return found

    @property
    def rate(self) -> float:
        """Tokens or pictures a second in the format to use."""
        return self.rates[self.dtype]


def probe(backbone: Backbone, device: str = "cpu") -> Probe:
    """The fastest format for a backbone's family, measured unless it is known already."""
    key = _key(backbone, device)
    with _lock:
        if key not in _known:
            _known[key] = _read(key) or _write(key, _race_of(key, backbone, device))
        return _known[key]


def race_again(backbone: Backbone, device: str = "cpu", *, always: bool = False) -> bool:
    """Measure the rates anew; the choice of the format stays.

    What is known may be of a moment in which the machine was busy: before something is left out
    for it, a second or two show what is true now. What this process has measured itself is doubted
    as well, but once at a time: a second measurement holds for half a minute.

    Args:
        backbone: The network.
        device: Where it computes.
        always: Also where this process has just measured them twice.

    Returns:
        Whether the backbone is faster than was known.
    """
    key = _key(backbone, device)
    before = probe(backbone, device)
    with _lock:
        times = _raced.get(key, [])
        if len(times) > 1 and time.monotonic() - times[-1] < _STALE_S and not always:
            return False
        now = _race_of(key, backbone, device)
        rates = {**before.rates, **now.rates}
        _known[key] = _write(key, replace(before, rates=rates, pass_s=now.pass_s))
        return _known[key].rate > before.rate


def remember(backbone: Backbone, device: str, dtype: str, rate: float) -> None:
    """Correct a format's rate after real work; the choice of the format stays.

    A moment in which the machine was busy may halve it at most: taken for ten times slower, a
    network would be left out from then on, and nothing would ever correct that.
    """
    key = _key(backbone, device)
    with _lock:
        known = _known.get(key) or _read(key)
        if known is not None:
            before = known.rates.get(dtype, rate)
            rate = min(max(rate, before / MOST_CHANGE), before * MOST_CHANGE)
            _known[key] = _write(key, replace(known, rates={**known.rates, dtype: rate}))


def known(device: str = "auto") -> dict[str, Probe]:
    """The races that were run on this machine with these versions, by family; none is run."""
    info = device_info(device)
    here = " | ".join(["", *(f"{info[name]}" for name in sorted(info))])
    try:
        keys = [
            key for key in json.loads(_file().read_text(encoding="utf-8")) if key.endswith(here)
        ]
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    found = ((key.removesuffix(here), _read(key)) for key in keys)
    return {family: made for family, made in found if made is not None}


def _race_of(key: str, backbone: Backbone, device: str) -> Probe:
    _raced.setdefault(key, []).append(time.monotonic())
    return race(backbone, device)


def race(backbone: Backbone, device: str = "cpu") -> Probe:
    """Run each format that the device knows for a moment.

    The rounds of the formats alternate, so that a busy machine slows all alike.
    """
    is_text = backbone.tokenizer is not None
    most = MOST_ITEMS["text" if is_text else "image"][device.partition(":")[0]]
    run = _text_runner(backbone, most) if is_text else _picture_runner(backbone)
    per_item = TOKENS_A_TEXT if is_text else 1
    formats = _formats(device)
    # The first run of a shape sets things up, which would make every batch look like a slow one.
    one = min(_seconds(run, formats[0], 1, device) for _ in range(WARM_UPS))
    items = _items(run, formats[0], device, one, most)
    for dtype in formats:
        for _ in range(WARM_UPS - 1):
            _seconds(run, dtype, items, device)
    times = [[_seconds(run, dtype, items, device) for dtype in formats] for _ in range(ROUNDS)]
    rates = {
        str(dtype).removeprefix("torch."): items * per_item / min(column)
        for dtype, column in zip(formats, zip(*times, strict=True), strict=True)
    }
    best, *others = rates
    for name in others:
        best = name if rates[name] >= WORTH_IT * rates[best] else best
    return Probe(best, rates, one)


def _items(run: Runner, dtype: torch.dtype, device: str, one: float, most: int) -> int:
    """Items of a batch that fills a round, at most `most`, and no more than the memory holds.

    Args:
        run: Passes a batch through the network.
        dtype: The number format.
        device: The torch device.
        one: Seconds of a pass over one item.
        most: Items of an encoder's batch.
    """
    items = max(1, min(most, int(ROUND_S / max(one, 1e-6))))
    if device == "cpu":
        return items
    import torch

    try:  # twice as many may take no longer
        while items < most and _again(run, dtype, items, device) < ROUND_S / 2:
            items = min(most, 2 * items)
        _seconds(run, dtype, items, device)
    except torch.OutOfMemoryError:
        items = max(1, items // 4)
    return items


def _again(run: Runner, dtype: torch.dtype, items: int, device: str) -> float:
    return min(_seconds(run, dtype, items, device) for _ in range(WARM_UPS - 1))


def _formats(device: str) -> list[torch.dtype]:
    """float32 first, then the half formats that are worth a try, the one of wider range first."""
    import torch

    if device.startswith("cuda"):
        half = [torch.bfloat16] if torch.cuda.is_bf16_supported(including_emulation=False) else []
        return [torch.float32, *half, torch.float16]
    return [torch.float32, torch.float16 if device == "mps" else torch.bfloat16]


Runner = Callable[["torch.dtype", int], object]


def _text_runner(backbone: Backbone, most: int) -> Runner:
    import torch

    ids = torch.arange(most * TOKENS_A_TEXT).reshape(most, TOKENS_A_TEXT) % 997 + 2
    mask = torch.ones_like(ids)
    # Batches are padded, and a mask with a zero takes another way through attention.
    mask[0, -1] = 0

    def run(dtype: torch.dtype, items: int) -> object:
        given = {"input_ids": ids[:items], "attention_mask": mask[:items]}
        moved = {name: tensor.to(backbone.device) for name, tensor in given.items()}
        return in_dtype(backbone, dtype)(**moved).last_hidden_state

    return run


def _picture_runner(backbone: Backbone) -> Runner:
    import torch

    size = 224 if backbone.picture_spec is None else backbone.picture_spec.size
    pixels = torch.linspace(-1, 1, 3 * size * size).reshape(1, 3, size, size)

    def run(dtype: torch.dtype, items: int) -> object:
        batch = pixels.expand(items, -1, -1, -1).to(backbone.device)
        return in_dtype(backbone, dtype)(batch.contiguous(memory_format=torch.channels_last))

    return run


def _seconds(run: Runner, dtype: torch.dtype, items: int, device: str) -> float:
    import torch

    with within(device, dtype):
        started = time.perf_counter()
        run(dtype, items)
        if device.startswith("cuda"):
            torch.cuda.synchronize()
        elif device == "mps":
            torch.mps.synchronize()
        return time.perf_counter() - started


def _key(backbone: Backbone, device: str) -> str:
    """Machine, versions and the network's shape in one short text."""
    shape = hashlib.sha256()
    for name, tensor in backbone.module.state_dict().items():
        shape.update(f"{name}{tuple(tensor.shape)}".encode())
    family = f"{type(backbone.module).__name__}-{shape.hexdigest()[:8]}"
    info = device_info(device)
    return " | ".join([family, *(f"{info[name]}" for name in sorted(info))])


def _file() -> Path:
    return cache_dir() / "dtype.json"


def _read(key: str) -> Probe | None:
    try:
        found = json.loads(_file().read_text(encoding="utf-8"))[key]
        rates = {k: float(v) for k, v in found["rates"].items()}
        made = Probe(str(found["dtype"]), rates, float(found.get("pass_s", 0.0)))
        is_usable = made.rate > 0
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # not there, or damaged: measure again
    return made if is_usable else None


def _write(key: str, made: Probe) -> Probe:
    path = _file()
    # Without a place to write the race is run again by the next process: no harm.
    with contextlib.suppress(OSError, ValueError, TypeError):
        kept = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_name(f".{path.name}.{os.getpid()}")
        scratch.write_text(json.dumps({**kept, key: asdict(made)}, indent=1), encoding="utf-8")
        scratch.replace(path)
    return made
