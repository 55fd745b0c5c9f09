"""Fine-tuning with the head solved first (LP-FT).

A random head's first gradients would distort the pretrained features (Kumar et al. 2022,
arXiv 2202.10054), so the head is solved on the frozen features and the network then starts
from there, upper layers faster than lower ones: lr_l = lr * 0.9^(L - l) (Howard & Ruder
2018, arXiv 1801.06146). What is left is a better encoder with a linear head.
"""

from __future__ import annotations

from automl_nb.transfer.tuner import Tuner


class FineTune(Tuner):
    """Strategy ``finetune``: the recipe as it is."""

    name = "finetune"
