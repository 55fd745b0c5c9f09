"""The encoders that have a name here. Adding one is one file and one line."""

from __future__ import annotations

from automl_nb.core.registry import Registry, Spec

ENCODERS = Registry(
    "encoder",
    (
        Spec(
            "tfidf-word",
            "automl_nb.features.tfidf:TfidfWord",
            "Weighted counts of words: cheap and strong on topics.",
            paper="Salton and Buckley 1988, doi 10.1016/0306-4573(88)90021-0",
            tags=("text",),
        ),
        Spec(
            "tfidf-pairs",
            "automl_nb.features.tfidf:TfidfPairs",
            "Weighted counts of words and pairs of words: tells 'not good' from 'good'.",
            paper="Salton and Buckley 1988, doi 10.1016/0306-4573(88)90021-0",
            tags=("text",),
        ),
        Spec(
            "tfidf-char",
            "automl_nb.features.tfidf:TfidfChar",
            "Weighted counts of character runs: for misspellings and scripts without spaces.",
            paper="Salton and Buckley 1988, doi 10.1016/0306-4573(88)90021-0",
            tags=("text",),
        ),
        Spec(
            "tabular-linear",
            "automl_nb.features.tabular:TabularLinear",
            "Scaled numbers and one column a category, for linear models.",
            tags=("table",),
        ),
        Spec(
            "tabular-tree",
            "automl_nb.features.tabular:TabularTree",
            "Numbers as they are and category codes, for tree ensembles.",
            tags=("table",),
        ),
        Spec(
            "pixels",
            "automl_nb.features.pixels:Pixels",
            "Small colours and edge directions: pictures without a network.",
            paper="Dalal and Triggs 2005, doi 10.1109/CVPR.2005.177",
            tags=("image",),
        ),
        Spec(
            "frozen-text",
            "automl_nb.features.text:FrozenText",
            "Vectors of a pretrained text network that isn't trained further.",
            paper="Reimers and Gurevych 2019, arXiv 1908.10084",
            tags=("text", "backbone"),
        ),
        Spec(
            "frozen-image",
            "automl_nb.features.image:FrozenImage",
            "Vectors of a pretrained image network that isn't trained further.",
            paper="Donahue et al. 2014, arXiv 1310.1531",
            tags=("image", "backbone"),
        ),
        Spec(
            "text-layers",
            "automl_nb.features.text_layers:TextLayers",
            "Vectors of every layer of a pretrained text network, for heads that choose.",
            paper="Tenney, Das and Pavlick 2019, arXiv 1905.05950",
            tags=("text", "backbone"),
        ),
        Spec(
            "image-layers",
            "automl_nb.features.image_layers:ImageLayers",
            "Vectors of every stage of a pretrained image network, for heads that choose.",
            paper="Yosinski et al. 2014, arXiv 1411.1792",
            tags=("image", "backbone"),
        ),
    ),
)
