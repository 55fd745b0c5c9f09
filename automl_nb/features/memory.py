"""Going on after a lack of memory, with smaller batches."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator

import numpy as np


def halving(
    positions: np.ndarray, run: Callable[[np.ndarray], np.ndarray]
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Run a batch; where memory lacks, its halves, down to single rows.

    Args:
        positions: (n,) rows of the batch.
        run: Computes the (n, d) vectors of some positions.

    Yields:
        Positions and their vectors.

    Raises:
        MemoryError: Not even one row fits.
        Exception: Whatever else `run` raises.
    """
    try:
        vectors = run(positions)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error) or len(positions) == 1:
            raise
        vectors = None
    # Outside of the handler, so that the failed batch's frames and tensors are freed.
    if vectors is not None:
        yield positions, vectors
        return
    free_device_memory()
    half = len(positions) // 2
    yield from halving(positions[:half], run)
    yield from halving(positions[half:], run)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory, of the machine or of a device, has run out.

    Example:
        >>> is_out_of_memory(MemoryError()), is_out_of_memory(ValueError("shape"))
        (True, False)
        >>> is_out_of_memory(RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED"))
        True
    """
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    told = str(error).casefold()
    # torch's allocator for the CPU raises a plain RuntimeError.
    # cuBLAS and cuDNN take memory of their own, and name its lack after themselves.
    signs = ("out of memory", "not enough memory", "can't allocate memory", "status_alloc_failed")
    return isinstance(error, RuntimeError) and any(sign in told for sign in signs)


def free_device_memory() -> None:
    """Give cached blocks of a GPU back, those too that only a cycle of references holds."""
    import torch

    if torch.cuda.is_available():
        gc.collect()
        torch.cuda.empty_cache()
