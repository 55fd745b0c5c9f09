"""What can be written as plain Python: a function for each encoder and each strategy."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from automl_nb.core.recipe import Block, Ingredient
from automl_nb.report.code.boosting import boosting
from automl_nb.report.code.cells import nas_head
from automl_nb.report.code.closed_form import class_mean, lda, prior
from automl_nb.report.code.kernel import kernel
from automl_nb.report.code.layers import image_layers, text_layers
from automl_nb.report.code.linear import logistic, nb_svm, ridge, svm
from automl_nb.report.code.mlp import mlp
from automl_nb.report.code.neighbours import knn
from automl_nb.report.code.network import frozen_text
from automl_nb.report.code.pictures import frozen_image, sketched
from automl_nb.report.code.snippet import Snippet, Telling
from automl_nb.report.code.table import linear, tree
from automl_nb.report.code.tuned import tuned
from automl_nb.report.code.ways import WAYS
from automl_nb.report.code.words import tfidf

BLOCKS: Mapping[str, Callable[[Block, Telling], Snippet]] = {
    "tfidf-word": tfidf,
    "tfidf-pairs": tfidf,
    "tfidf-char": tfidf,
    "frozen-text": frozen_text,
    "frozen-image": frozen_image,
    "text-layers": text_layers,
    "image-layers": image_layers,
    "pixels": sketched,
    "tabular-linear": linear,
    "tabular-tree": tree,
}
TUNED = frozenset(WAYS)
# Why no page of plain Python does what these strategies do.
UNWRITTEN: Mapping[str, str] = {
    "self-training": "its answers for rows without a label teach it once more",
    "delta": "a second network, the source, reads along at every step to hold it near",
    "soup": "it is the mean of several trainings that share the time",
    "lora": "its low-rank changes are made by peft, which not everyone has",
    "contrastive": "it learns from pairs of rows, in a training of its own for each fold",
    "further-pretraining": "it first learns to guess hidden words of all texts",
}
HEADS: Mapping[str, Callable[[str, Ingredient, Telling], Snippet]] = {
    "prior": prior,
    "svm": svm,
    "nb-svm": nb_svm,
    "logistic": logistic,
    "ridge": ridge,
    "knn": knn,
    "class-mean": class_mean,
    "lda": lda,
    "kernel": kernel,
    "boosting": boosting,
    "mlp": mlp,
    "nas-head": nas_head,
    **dict.fromkeys(TUNED, tuned),
}
SPARSE = frozenset({"tfidf-word", "tfidf-pairs", "tfidf-char"})
WORDS = {
    "tfidf-word": "words",
    "tfidf-pairs": "pairs",
    "tfidf-char": "characters",
    "tabular-linear": "table",
    "tabular-tree": "cells",
    "pixels": "sketch",
}
