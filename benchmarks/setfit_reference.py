"""SetFit's own library on one draw: run by an interpreter that has it, on files alone.

    AUTOML_NB_SETFIT_PYTHON benchmarks/setfit_reference.py FOLDER SEED

The folder holds ``train.json`` and ``test.json`` with ``text`` and ``label``, and names the
weights in ``weights.txt``. Settings are those of the paper (Tunstall et al. 2022, arXiv
2209.11055): 20 pairs of each kind a row, one epoch, batches of 16, 2e-5, a logistic head;
texts are cut at 128 word pieces, as everywhere in these benchmarks. The last line printed is
JSON with the predictions. Nothing of the package is imported.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("HF_HUB_OFFLINE", "1")
MAX_LENGTH = 128


def main() -> None:
    """Train on the few rows, answer for the others."""
    import torch
    from datasets import Dataset
    from sentence_transformers import SentenceTransformer, models
    from setfit import SetFitModel, Trainer, TrainingArguments
    from sklearn.linear_model import LogisticRegression

    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    train, test = (
        json.loads((folder / f"{part}.json").read_text(encoding="utf-8"))
        for part in ("train", "test")
    )
    weights = (folder / "weights.txt").read_text(encoding="utf-8").strip()
    torch.manual_seed(seed)
    transformer = models.Transformer(weights, max_seq_length=MAX_LENGTH)
    body = SentenceTransformer(
        modules=[
            transformer,
            models.Pooling(transformer.get_word_embedding_dimension()),
            models.Normalize(),
        ],
        device="cpu",
    )
    model = SetFitModel(model_body=body, model_head=LogisticRegression(max_iter=1000))
    arguments = TrainingArguments(
        output_dir=str(folder / "out"),
        batch_size=16,
        num_epochs=1,
        num_iterations=20,
        body_learning_rate=2e-5,
        seed=seed,
        report_to="none",
        save_strategy="no",
        show_progress_bar=False,
    )
    start = time.perf_counter()
    Trainer(model=model, args=arguments, train_dataset=Dataset.from_dict(train)).train()
    fit_s = time.perf_counter() - start
    found = [str(label) for label in model.predict(test["text"], show_progress_bar=False)]
    print(json.dumps({"fit_s": round(fit_s, 2), "found": found}))


if __name__ == "__main__":
    main()
