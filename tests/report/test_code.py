"""Models written as plain Python: run without us, and as good on the rows kept aside."""

from __future__ import annotations

import ast
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

import automl_nb
from automl_nb.core.errors import SettingError, UnknownNameError
from automl_nb.core.recipe import Block, Ingredient, Recipe
from automl_nb.data.pictures import open_picture
from automl_nb.features.catalog import ENCODERS
from automl_nb.features.image import FrozenImage
from automl_nb.features.pixels import Pixels
from automl_nb.report.code import plain_code
from automl_nb.report.code.catalog import BLOCKS, HEADS, TUNED, UNWRITTEN
from automl_nb.report.code.folds import folded
from automl_nb.report.code.layout import imports, quoted, spaced
from automl_nb.report.code.pictures import OPENED, PIXELS, frozen_image, picture_network, sketched
from automl_nb.report.code.snippet import Telling
from automl_nb.transfer.catalog import STRATEGIES
from automl_nb.zoo.architectures import ARCHITECTURES
from automl_nb.zoo.load import load_backbone
from tests.support.written import as_good, carried_out, check_written, learnt, texts
from tests.zoo.families import make_folder


def table(n=640):
    """Numbers with gaps and a long tail, levels with and without an order, truths and dates."""
    rng = np.random.default_rng(0)
    size, shop = rng.normal(size=n), rng.choice(["north", "south", "east", "west"], n)
    grade, member = rng.choice(["poor", "fair", "good"], n), rng.random(n) < 0.5
    price = np.exp(rng.normal(size=n))
    when = pd.Timestamp(2024, 1, 1) + pd.to_timedelta(rng.integers(0, 365, n), "D")
    worth = (
        2 * np.sin(2 * size)
        + np.log(price)
        + (shop == "north")
        + (grade == "good")
        - (grade == "poor")
        + member
        + 0.5 * np.cos(2 * np.pi * when.day_of_year / 365.25)
    )
    rows = pd.DataFrame({"size": size, "price": price, "shop": shop, "grade": grade})
    rows = rows.assign(member=member, when=when, worth=worth + 0.3 * rng.normal(size=n))
    rows.loc[rng.random(n) < 0.1, ["size"]] = np.nan
    rows.loc[rng.random(n) < 0.1, ["shop"]] = None
    return rows


def classes(n=640):
    """The same with a label of two classes."""
    rows = table(n)
    kind = np.where(rows["worth"] > rows["worth"].median(), "dear", "cheap")
    return rows.drop(columns="worth").assign(kind=kind)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.mark.thorough
@pytest.mark.parametrize("strategy", ["ridge", "knn"])
def test_heads_on_a_table(folder, strategy):
    frame = classes()
    as_good(learnt(folder, frame, "kind", strategy), frame)


@pytest.mark.parametrize("strategy", ["class-mean", "lda"])
def test_heads_in_closed_form(folder, strategy):
    frame = classes(300)
    run = learnt(folder, frame, "kind", strategy, metric="log_loss")
    space = as_good(run, frame)
    assert strategy.replace("-", "_") in space
    shares = run.predict_proba(space["test"]).to_numpy()
    assert np.abs(space["probabilities"](space["test"]) - shares).mean() < 0.01


def test_the_floor_is_written_too(folder):
    for frame, label in ((classes(), "kind"), (table(), "worth")):
        run = learnt(folder, frame, label, "ridge")
        space = carried_out(run.code("prior", data="frame"), frame=frame)
        floor = next(row for row in run.state.leaderboard if row.strategy == "prior")
        assert floor.recipe.members[0].strategy == "prior"
        assert len({*space["answers"](space["test"])}) == 1


@pytest.mark.thorough
def test_a_blend_weighs_its_members(folder):
    frame = classes()
    run = learnt(folder, frame, "kind", "logistic", "kernel", metric="log_loss")
    assert run.state.incumbent.model == "ensemble"
    space = as_good(run, frame)
    shares = run.predict_proba(space["test"]).to_numpy()
    assert np.abs(space["probabilities"](space["test"]) - shares).mean() < 0.02
    assert "%" in run.code()
    for row in run.state.leaderboard:
        if row.strategy != "prior":
            other = carried_out(run.code(row.model, data="mine"), mine=frame)
            assert 0 < other["score"] < 0.5


def test_numbers_are_predicted(folder):
    frame = table(400)
    as_good(learnt(folder, frame, "worth", "ridge"), frame, agree=0.99)


def test_boosted_trees(folder):
    frame = classes(300)
    quick = []

    def stop_after_the_first(event):
        if type(event).__name__ == "ModelAdded" and "boosting" in event.row.model:
            quick.append(event.row.model)
            run.stop()

    run = automl_nb.start(
        frame,
        "kind",
        strategies=["boosting"],
        test_size=0.6,
        run_dir=folder,
        time=600,
        on_event=stop_after_the_first,
    )
    run.wait()
    as_good(run, frame)


def test_words(folder):
    frame = texts(500)
    run = learnt(folder, frame, "label", "nb-svm", metric="balanced_accuracy")
    as_good(run, frame)
    run = learnt(folder, frame, "label", "svm", strip_punctuation=True)
    as_good(run, frame)


def test_a_frozen_network(folder):
    frame = texts(200)
    as_good(learnt(folder, frame, "label", "logistic", backbones=["minilm-l3"]), frame)


def tuned(folder, frame, label, *strategies, epochs=2.0, length=16, **options):
    params = {"epochs": epochs, "max_length": length}
    options = {"backbones": ["minilm-l3"], "params": params} | options
    return learnt(folder, frame, label, *strategies, **options)


@pytest.fixture(scope="module")
def tuned_run(folder):
    frame = texts(160)
    return tuned(folder, frame, "label", "finetune", epochs=1.0), frame


def test_a_tuned_network(tuned_run):
    run, frame = tuned_run
    assert run.state.incumbent.model.endswith("fine-tuned")
    space = as_good(run, frame)
    # It goes the run's own way: what its steps reached on the rows held out is what was told.
    curve = run.state.curves[run.state.incumbent.model]
    assert space["losses"] == pytest.approx(curve.metrics["loss"], rel=0.1)
    shares = run.predict_proba(space["test"]).to_numpy()
    assert np.abs(space["probabilities"](space["test"]) - shares).mean() < 0.02


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"loss": "focal"}, "the loss 'focal' of 'minilm-l3"),
        ({"augment": "eda"}, "the augment 'eda'"),
        ({"head": "lda"}, "the head 'lda'"),
        ({"modality": "image"}, "layers of the family 'bert'"),
        ({"backbone": "nowhere"}, "which isn't here"),
    ],
)
def test_what_of_a_tuned_network_cant_be_written(tuned_run, changes, said):
    state = deepcopy(tuned_run[0].state)
    place = next(i for i, row in enumerate(state.leaderboard) if row.strategy == "finetune")
    row = state.leaderboard[place]
    changed = replace(row.recipe.members[0], config={**row.recipe.members[0].config, **changes})
    state.leaderboard[place] = replace(row, recipe=replace(row.recipe, members=(changed,)))
    with pytest.raises(SettingError, match=said):
        plain_code(state, row.model, {"data": "frame"})


def test_a_head_that_began_at_random(folder):
    frame = texts(160)
    run = tuned(folder, frame, "label", "full", epochs=1.0)
    space = carried_out(run.code("minilm-l3(text): full", data="frame"), frame=frame)
    (curve,) = (c for name, c in run.state.curves.items() if "full" in name)
    assert space["losses"] == pytest.approx(curve.metrics["loss"], rel=0.1)


@pytest.mark.thorough
@pytest.mark.parametrize("strategy", sorted(TUNED - {"finetune", "full"}))
def test_other_ways_of_tuning(folder, strategy):
    frame = texts(200)
    run = tuned(folder, frame, "label", strategy)
    space = carried_out(run.code(f"minilm-l3(text): {strategy}", data="frame"), frame=frame)
    (curve,) = (c for name, c in run.state.curves.items() if strategy in name)
    assert space["losses"] == pytest.approx(curve.metrics["loss"], rel=0.1)
    if run.state.incumbent.model.endswith(strategy):
        assert np.mean(space["answers"](space["test"]) == run.predict(space["test"])) > 0.97


@pytest.mark.thorough
def test_a_tuned_network_of_several_classes_and_columns(folder):
    frame = automl_nb.sample("products").sample(400, random_state=0, ignore_index=True)
    # In one pass nothing comes close to the best weights: of two that are as good, each number
    # format would keep its own.
    options = {"kinds": {"summary": "text"}, "epochs": 1.0}
    run = tuned(folder, frame, "product", "finetune", **options)
    as_good(run, frame, agree=0.95)


@pytest.mark.thorough
def test_a_tuned_network_among_others(folder):
    run = tuned(folder, texts(200), "label", "logistic", "finetune", epochs=1.0, metric="log_loss")
    kept = next(row for row in run.state.leaderboard if row.model == "minilm-l3(text): fine-tuned")
    other = next(row for row in run.state.leaderboard if row.strategy == "logistic")
    members = (*kept.recipe.members, *other.recipe.members)
    blend = replace(other.recipe, members=tuple(replace(member, weight=0.5) for member in members))
    state = deepcopy(run.state)
    state.leaderboard.append(replace(kept, model="both", recipe=blend))
    space = carried_out(plain_code(state, "both", {"data": "frame"}), frame=texts(200))
    assert space["score"] == pytest.approx(run.scorecard.metrics["log_loss"].value, abs=0.15)


@pytest.mark.thorough
def test_words_and_a_frozen_network_together(folder):
    frame = texts()
    strategies = "svm", "nb-svm", "logistic"
    run = learnt(folder, frame, "label", *strategies, backbones=["minilm-l3"], metric="log_loss")
    as_good(run, frame)
    for row in run.state.leaderboard:
        if row.strategy not in {"prior", "nb-svm"} and len(row.inputs) > 1:
            other = carried_out(run.code(row.model), df=frame)
            assert 0 < other["score"] < 1


def fresh(run):
    """What the script prints at last in a process that has never heard of us."""
    script = run.code()
    check_written(script)
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.modules['automl_nb'] = None\n{script}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout.strip().rpartition(" ")[2])


def test_a_fresh_process_that_has_never_heard_of_us(folder, tmp_path):
    frame = classes()
    frame.to_csv(tmp_path / "rows.csv", index=False)
    run = learnt(folder, tmp_path / "rows.csv", "kind", "logistic", seed=3)
    assert fresh(run) == pytest.approx(run.scorecard.metrics["accuracy"].value, abs=0.01)


def drawings(folder, n, kinds=("line", "bar")):
    """Charts of these kinds as files, in a subfolder for each kind."""
    rows = automl_nb.sample("charts")
    rows = rows[rows["chart"].isin(kinds)].iloc[:n]
    for number, row in enumerate(rows.itertuples()):
        (folder / row.chart).mkdir(parents=True, exist_ok=True)
        (folder / row.chart / f"{number}.png").write_bytes(row.image)
    return folder


@pytest.mark.thorough
def test_pictures_of_a_folder_in_a_fresh_process(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = drawings(tmp_path / "drawings", 40)
    run = learnt(folder, files, None, "logistic", backbones=["efficientnet-lite0"])
    assert "efficientnet-lite0" in run.code()
    assert fresh(run) == pytest.approx(run.scorecard.metrics["accuracy"].value, abs=0.01)


@pytest.mark.thorough
def test_paths_of_pictures_start_where_their_table_lies(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = drawings(tmp_path / "drawings", 24)
    paths = sorted(str(path.relative_to(files)) for path in files.rglob("*.png"))
    rows = pd.DataFrame({"file": paths, "kind": [path.split("/")[0] for path in paths]})
    rows.to_csv(files / "rows.csv", index=False)
    run = learnt(folder, files / "rows.csv", "kind", "knn", backbones=["efficientnet-lite0"])
    name = "frozen-image(file, efficientnet-lite0): knn"
    script = run.code(name)
    assert 'rows["file"] = "drawings/" + rows["file"]' in script
    space = carried_out(script)
    assert np.mean(space["answers"](space["test"]) == run.predict(space["test"])) == 1.0


@pytest.mark.thorough
def test_a_tuned_network_of_pictures_in_a_fresh_process(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files = drawings(tmp_path / "drawings", 80)
    options = {"backbones": ["efficientnet-lite0"], "params": {"epochs": 1.0}, "test_size": 0.2}
    run = learnt(folder, files, None, "finetune", **options)
    assert fresh(run) == pytest.approx(run.scorecard.metrics["accuracy"].value, abs=0.01)


@pytest.mark.thorough
@pytest.mark.parametrize("strategy", ["finetune", "full"])
def test_a_tuned_network_of_pictures_goes_the_runs_own_way(folder, strategy):
    frame = automl_nb.sample("charts").iloc[:100]
    options = {"backbones": ["efficientnet-lite0"], "params": {"epochs": 1.0}, "test_size": 0.3}
    run = learnt(folder, frame, "chart", strategy, **options)
    (name,) = (row.model for row in run.state.leaderboard if row.strategy == strategy)
    space = carried_out(run.code(name, data="frame"), frame=frame)
    # Both round in their own number format.
    assert space["losses"] == pytest.approx(run.state.curves[name].metrics["loss"], rel=0.1)


@pytest.mark.parametrize(
    "family", [name for name, known in ARCHITECTURES.items() if known.modality == "image"]
)
def test_each_family_of_picture_networks_gives_the_runs_features(family, tmp_path, tuned_run):
    reader = FrozenImage("photo", str(make_folder(family, tmp_path / family)), dtype="float32")
    key, rows = reader.key, pd.DataFrame({"photo": [Image.new("RGB", (9, 7), "teal"), None]})
    block = Block(key, "frozen-image", ("photo",), {"backbone": reader.card.location})
    telling = Telling(tuned_run[0].state, Recipe((), (block,)), {key: "seen"}, frozenset())
    made = frozen_image(block, telling)
    lines = [*imports(made.imports), *made.helpers, made.code]
    space = {"train": rows}
    exec("\n".join(lines), space)
    assert space["train_seen"] == pytest.approx(reader.transform(rows), abs=1e-5)


def test_pictures_are_sketched_as_in_the_run(tuned_run):
    chart = automl_nb.sample("charts")["image"][0]
    rows = pd.DataFrame({"photo": [chart, None, Image.new("LA", (90, 30), (99, 128))]})
    block = Block("pixels(photo)", "pixels", ("photo",))
    telling = Telling(tuned_run[0].state, Recipe((), (block,)), {block.key: "sketch"}, frozenset())
    made = sketched(block, telling)
    space = {"train": rows}
    exec("\n".join([*imports(made.imports), *made.helpers, made.code]), space)
    assert space["train_sketch"] == pytest.approx(Pixels("photo").transform(rows), abs=1e-5)


@pytest.mark.parametrize("variant", ["lite0", "lite1", "lite2"])
def test_transformers_is_told_each_efficientnet_lite(variant):
    loaded = picture_network(f"efficientnet-{variant}", "network")
    space = {}
    exec("\n".join(["import torch", *loaded.imports, *loaded.helpers, loaded.load]), space)
    own = load_backbone(f"efficientnet-{variant}")
    side = own.picture_spec.size
    pixels = torch.rand(1, 3, side, side, generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        found = space["network"](pixels).pooler_output.flatten(1)
        assert torch.allclose(found, own.module(pixels), atol=1e-4)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "I;16", "CMYK"])
def test_pictures_of_all_kinds_are_read_as_the_run_reads_them(mode):
    levels = np.linspace(0, 255, 12 * 9).reshape(9, 12)
    picture = Image.fromarray(levels.astype(np.uint8))
    wide = Image.fromarray((levels * 257).astype(np.uint16))
    picture = wide if mode == "I;16" else picture.convert(mode)
    space = {}
    exec(
        f"import io\nimport numpy as np\nfrom PIL import Image, ImageOps\n{OPENED}\n{PIXELS}", space
    )
    spec = load_backbone("efficientnet-lite0").picture_spec
    right = spec.pixels(open_picture(picture))
    assert np.array_equal(space["pixels"](picture, 224, "BICUBIC"), right)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"strategy": "top-layers"}, "kept views of each picture"),
        ({"augment": "cutmix"}, "the augment 'cutmix'"),
        ({"backbone": "mobilenet-v2"}, "layers of the family 'mobilenet_v2'"),
    ],
)
def test_what_of_a_tuned_picture_network_cant_be_written(tuned_run, changes, said):
    state = deepcopy(tuned_run[0].state)
    row = next(row for row in state.leaderboard if row.strategy == "finetune")
    config = {"column": "text", "modality": "image", "backbone": "efficientnet-lite0"}
    config |= {key: value for key, value in changes.items() if key != "strategy"}
    member = Ingredient("photo: tuned", changes.get("strategy", "finetune"), (), config)
    state.leaderboard.append(replace(row, model="photo", recipe=Recipe((member,))))
    with pytest.raises(SettingError, match=said):
        plain_code(state, "photo", {"data": "frame"})


def test_the_positive_class_comes_last_and_groups_stay_whole(folder):
    frame = classes().assign(town=lambda rows: np.arange(len(rows)) // 5)
    run = learnt(folder, frame, "kind", "logistic", positive="cheap", group="town", metric="f1")
    space = carried_out(run.code(data="frame"), frame=frame)
    assert list(space["classes"]) == ["dear", "cheap"]
    assert not {*space["train"]["town"]} & {*space["test"]["town"]}
    assert space["score"] == pytest.approx(run.scorecard.metrics["f1"].value, abs=0.06)


def test_test_rows_that_were_given(folder):
    frame = classes()
    first, last = frame[:200], frame[300:].reset_index(drop=True)
    run = learnt(folder, first, "kind", "logistic", test=last)
    space = carried_out(run.code(among={"first": first, "last": last}), first=first, last=last)
    assert len(space["test"]) == len(last)
    assert space["score"] == pytest.approx(run.scorecard.metrics["accuracy"].value, abs=0.01)


@pytest.mark.thorough
def test_small_networks(folder):
    frame = classes()
    as_good(learnt(folder, frame, "kind", "mlp"), frame, agree=0.95)


def test_blends_of_alike_members_say_each_name_once_and_fit_the_page(tuned_run):
    state = deepcopy(tuned_run[0].state)
    row = next(row for row in state.leaderboard if row.strategy == "finetune")
    settings = {"views": "one", "max_length": 16, "layers": "last", "pooling": "mean"}
    blocks = [
        Block(f"{name}(text)", name, ("text",), {"analyzer": analyzer, "ngram_range": [1, 1]})
        for name, analyzer in (("tfidf-word", "word"), ("tfidf-char", "char_wb"))
    ]
    dense = Block("frozen", "frozen-text", ("text",), {"backbone": "minilm-l3"} | settings)
    two = tuple(block.key for block in (*blocks, dense))
    nets = {"widths": [8], "models": 1, "best_epoch": 2}
    members = (
        *(Ingredient(f"svm {n}", "svm", two, {"C": n + 1}, 0.17, 1.07) for n in range(4)),
        *(Ingredient(f"mlp {n}", "mlp", (dense.key,), nets, 0.16, 0.9) for n in range(2)),
    )
    state.leaderboard.append(
        replace(row, model="blend", recipe=Recipe(members, (*blocks, dense), 1.1))
    )
    space = carried_out(plain_code(state, "blend", {"data": "frame"}), frame=tuned_run[1])
    assert space["score"] > 0.7


def test_of_everything_that_has_a_name_it_is_known_whether_it_can_be_written():
    assert {*BLOCKS} == {*ENCODERS.names()}
    assert {*HEADS} | {*UNWRITTEN} == {*STRATEGIES.names()}
    assert not {*HEADS} & {*UNWRITTEN}


def test_what_cant_be_written_is_refused_in_a_sentence(folder):
    run = learnt(folder, classes(), "kind", "logistic")
    state = deepcopy(run.state)
    row = next(row for row in state.leaderboard if row.strategy == "prior")
    place, member = state.leaderboard.index(row), row.recipe.members[0]
    other = replace(row.recipe, members=(replace(member, strategy="contrastive"),))
    state.leaderboard[place] = replace(row, recipe=other)
    with pytest.raises(SettingError, match="best one that can be written is 'table: logistic'"):
        plain_code(state, "prior", {"data": "frame"})
    with pytest.raises(SettingError, match="it learns from pairs of rows"):
        plain_code(state, "prior", {"data": "frame"})
    with pytest.raises(UnknownNameError):
        run.code("table: logistics")


def test_hostile_names_stay_texts(folder):
    odd = 'size"]; import os #\n'
    frame = classes(200).rename(columns={"size": odd, "kind": "ki'n\\d\""})
    run = learnt(folder, frame, "ki'n\\d\"", "logistic")
    space = carried_out(run.code(data="frame"), frame=frame)
    assert "os" not in space


def test_imports_are_merged_and_sorted():
    lines = ["import torch", "from scipy import sparse", "import math", "from scipy import special"]
    assert imports(lines) == [
        "import math",
        "",
        "from scipy import sparse, special",
        "import torch",
    ]


def test_functions_stand_apart():
    script = spaced("a = 1\n\n\n\n\n# why\ndef f():\n    a\n\n    b\n\nc")
    assert script == "a = 1\n\n\n# why\ndef f():\n    a\n\n    b\n\n\nc\n"
    assert eval(quoted('a\u202e"\n')) == 'a\u202e"\n'


def test_long_lines_are_broken_inside_their_brackets():
    long = "a" * 45
    texts = f'"({long}"'
    script = f"""
def f({long}, b{long}):
    '''A text, (which stays) {long}, {long}'''
    x = {long} + f(g({texts}, [{long}, b{long}]), 2).sum()
    return [*(a * b for a, b in zip({long}, {long})), {long}, lambda a, b: a]
"""
    made = folded(script)
    assert ast.dump(ast.parse(made)) == ast.dump(ast.parse(script))
    assert sum(len(line) > 96 for line in made.splitlines()) == 1  # the text
    assert folded(made) == made
