"""A BERT exported to ONNX, back to the names that transformers gives its weights.

The export keeps the names of biases, norms and embeddings. Matrices lost theirs and
were transposed; each is found through the addition that uses its layer's bias.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from automl_nb.core.errors import WeightsError

if TYPE_CHECKING:
    import torch

PREFIX = "model.0.auto_model."


def bert_state(path: Path) -> dict[str, torch.Tensor]:
    """The weights of a `BertModel` without pooler, from its ONNX export.

    Raises:
        WeightsError: The file isn't such an export.
    """
    import onnx
    import torch
    from onnx import numpy_helper

    try:
        graph = onnx.load(str(path)).graph
    except Exception as error:  # protobuf's errors are of many kinds
        raise _not_an_export(path) from error
    arrays = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    state = {
        name.removeprefix(PREFIX): torch.tensor(array)
        for name, array in arrays.items()
        if name.startswith(PREFIX)
    }
    for bias, matrix in _matrices(graph.node).items():
        name = bias.removeprefix(PREFIX).removesuffix("bias") + "weight"
        state[name] = torch.tensor(arrays[matrix].T.copy())
    dense = [name for name in state if name.endswith("dense.bias") or ".self." in name]
    if not state or any(name.replace("bias", "weight") not in state for name in dense):
        raise _not_an_export(path)
    return state


def _matrices(nodes: Any) -> dict[str, str]:
    """The anonymous matrix behind each named bias: Add(bias, MatMul(x, matrix))."""
    product_of = {node.output[0]: node.input[1] for node in nodes if node.op_type == "MatMul"}
    found = {}
    for node in nodes:
        if node.op_type != "Add":
            continue
        bias = next((name for name in node.input if name.startswith(PREFIX)), None)
        matrix = next((product_of[name] for name in node.input if name in product_of), None)
        if bias and matrix:
            found[bias] = matrix
    return found


def _not_an_export(path: Path) -> WeightsError:
    return WeightsError(
        "The ONNX file must be a BERT exported by sentence-transformers.",
        received=str(path),
        hint="Install the starter's packages again.",
    )
