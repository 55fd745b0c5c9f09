"""Where to compute, and in which number format: asked of the machine, not of its name."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

from automl_nb.core.errors import SettingError
from automl_nb.zoo.start import begun

if TYPE_CHECKING:
    import torch

    from automl_nb.zoo.backbone import Backbone


def choose_device(name: str = "auto") -> str:
    """The torch device to use: the one asked for, or CUDA, else MPS, else the CPU.

    Args:
        name: auto, cpu, cuda, cuda:N or mps.

    Raises:
        SettingError: No such device, or it isn't there.

    Example:
        >>> choose_device("cpu")
        'cpu'
    """
    import torch

    begun("torch")
    if name == "auto":
        return next(kind for kind in ("cuda", "mps", "cpu") if _is_there(kind))
    kind, _, number = name.partition(":")
    is_known = kind == "cuda" or (kind in {"cpu", "mps"} and not number)
    if not is_known or (number and not number.isdecimal()):
        raise SettingError(
            "A device must be auto, cpu, cuda, cuda:N or mps.",
            received=name,
            hint="Leave it out to use the best one that is there.",
        )
    if not _is_there(kind) or (number and int(number) >= torch.cuda.device_count()):
        raise SettingError(
            "The device must be there.",
            received=name,
            hint=f"On this machine: {', '.join(_present())}.",
        )
    return name


def device_info(name: str = "auto") -> dict[str, object]:
    """What a person or a benchmark wants to know of the device and the machine.

    Example:
        >>> sorted(device_info("cpu"))
        ['cores', 'cpu', 'cpu_capability', 'device', 'device_name', 'threads', 'torch']
    """
    import torch

    device = choose_device(name)
    is_cuda = device.startswith("cuda")
    return {
        "device": device,
        "device_name": torch.cuda.get_device_name(device) if is_cuda else cpu_name(),
        "cpu": cpu_name(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "cores": os.cpu_count() or 1,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }


def cpu_name() -> str:
    """The processor's name, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


def best_dtype(backbone: Backbone, device: str = "cpu") -> torch.dtype:
    """The fastest number format for this backbone's family on this machine.

    Measured on first use and remembered on disk; see `automl_nb.zoo.probe`.
    """
    from automl_nb.zoo.probe import probe

    return probe(backbone, device).torch_dtype


def _is_there(kind: str) -> bool:
    import torch

    if kind == "cuda":
        return torch.cuda.is_available()
    return kind == "cpu" or torch.backends.mps.is_available()


def _present() -> list[str]:
    import torch

    cards = [f"cuda:{index}" for index in range(torch.cuda.device_count())]
    return [*cards, *(kind for kind in ("mps", "cpu") if _is_there(kind))]
