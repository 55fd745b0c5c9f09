"""Losses, augmentations, head starts and parameters that don't exist or don't suit the task."""

from __future__ import annotations

import pandas as pd

from automl_nb.core.errors import SettingError, UnknownNameError, WeightsError
from tests.bad_input.cases import Case, Place

TUNED = {"strategies": ("finetune",), "backbones": ("minilm-l3",)}


def _reviews(_: Place) -> pd.DataFrame:
    texts = [
        f"we had the {a} of day {n} and it was fine"
        for n in range(20)
        for a in ("soup", "fish", "cake")
    ]
    return pd.DataFrame({"text": texts, "y": ["good", "bad", "good"] * 20})


def _priced(_: Place) -> pd.DataFrame:
    frame = _reviews(_)
    return frame.assign(y=[1.5 * len(text) + n for n, text in enumerate(frame["text"])])


def _case(option, value, error, rule, received, hint, name="", **more) -> Case:
    options = {option: value, **more.pop("options", TUNED)}
    return Case(name or f"{option} {value}", error, rule, received, hint, options=options, **more)


CONTRAST = {"options": {"strategies": ("contrastive",), "backbones": ("minilm-l3",)}}

TUNING = (
    _case(
        "loss",
        "focal",
        SettingError,
        "have an effect",
        "contrastive",
        "'finetune'",
        "a loss beside the contrast",
        **CONTRAST,
    ),
    _case("augment", "mixup", SettingError, "have an effect", "mixup", "'finetune'", **CONTRAST),
    _case("head", "ridge", SettingError, "have an effect", "head='ridge'", "leave it", **CONTRAST),
    _case("loss", "cross-entropi", UnknownNameError, "no loss", "'cross-entropi'", "cross-entropy"),
    _case("augment", "shaken", UnknownNameError, "no augmentation", "'shaken'", "Known: 'none'"),
    _case("head", "logistics", UnknownNameError, "no initialiser", "'logistics'", "'logistic'"),
    _case(
        "augment",
        "mirror-shift",
        SettingError,
        "kind of column that there is",
        "mirror-shift, for images",
        "'none'",
        "an augmentation of pictures for texts",
        data=_reviews,
    ),
    _case(
        "loss",
        "focal",
        SettingError,
        "loss must fit the task, which is regression",
        "'focal'",
        "Fitting: cross-entropy, robust",
        "a loss of classes for values",
        data=_priced,
    ),
    _case(
        "head",
        "lda",
        SettingError,
        "start of the head must fit the task",
        "'lda'",
        "Fitting: logistic, ridge",
        "a head of classes for values",
        data=_priced,
    ),
    _case(
        "params",
        {"focal_gamma": "-1"},
        SettingError,
        "focal_gamma must be",
        "'-1'",
        "usual value is 2",
        options={**TUNED, "loss": "focal"},
    ),
    _case("params", {"lr": "9"}, SettingError, "from 1e-07 to 0.1", "'9'", "usual value is 0.0001"),
    _case("params", {"lr": "fast"}, SettingError, "lr must be a number", "'fast'", "usual value"),
    _case("params", {"epochs": "0"}, SettingError, "epochs must be", "'0'", "usual value"),
    _case("params", {"max_length": "20.5"}, SettingError, "a whole number", "'20.5'", "usual"),
    _case(
        "params",
        {"lrr": "1e-4"},
        UnknownNameError,
        "no parameter of the chosen strategies",
        "'lrr'",
        "Did you mean 'lr'",
    ),
    _case(
        "params",
        {"rank": "4"},
        UnknownNameError,
        "no parameter of the chosen strategies",
        "'rank'",
        "Did you mean 'r' (rank of the adapters)?",
        options={"strategies": ("lora",)},
    ),
    _case(
        "params",
        {"lr": "1e-4"},
        UnknownNameError,
        "no parameter of the chosen strategies",
        "'lr'",
        "strategies='finetune'",
        "a parameter of a strategy that wasn't chosen",
        options={"strategies": ("ridge",)},
    ),
    _case(
        "loss",
        "cross-entropy",
        SettingError,
        "for strategies that train a network",
        "'cross-entropy'",
        "strategies='finetune'",
        "a loss without a network",
        options={"strategies": ("ridge",)},
    ),
    _case(
        "augment",
        "none",
        SettingError,
        "networks, which read texts and pictures",
        "'none'",
        "no column here",
        "an augmentation of a table",
        options={"strategies": ("auto",)},
    ),
    _case(
        "params",
        {"loss": "cross-entropy"},
        SettingError,
        "an option of its own",
        "'loss'",
        "loss='cross-entropy'",
        "a loss among the parameters",
    ),
    _case(
        "backbones",
        ("./none",),
        WeightsError,
        "folder must be there",
        "'./none'",
        "config.json",
        "a folder of weights that isn't there",
        options={"strategies": ("finetune",)},
    ),
)
