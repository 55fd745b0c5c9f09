"""The magic through a real shell: what it calls, stores, shows and refuses."""

from __future__ import annotations

import json

import pandas as pd
import pytest

import automl_nb
from automl_nb.core.errors import DataError
from automl_nb.core.options import FIT
from automl_nb.core.settings import FitSettings
from automl_nb.notebook.parsers import SUBCOMMANDS
from tests.support import scripted


def asked(api):
    """The last call of `start`: data, label, options."""
    return api.calls[-1][1:]


def test_fit_hands_everything_to_the_engine(shell, api):
    shell.run(
        "%automl fit reviews --label 'my column' --time 90s --metric f1_macro --backbones a,b "
        "--kinds Größe=number,text=text --seed 3 --test-size 20% --clip-outliers --drop text"
    )
    data, label, options = asked(api)
    assert data is shell.names["reviews"]
    assert label == "my column"
    assert options == {
        "time": "90s",
        "metric": "f1_macro",
        "backbones": ("a", "b"),
        "kinds": {"Größe": "number", "text": "text"},
        "seed": 3,
        "test_size": 0.2,
        "clip_outliers": True,
        "drop": ("text",),
    }


def test_every_setting_of_the_engine_can_be_asked_for():
    engine = set(FitSettings.__dataclass_fields__) - {"time_s", "patience_s", "memory_bytes"} | {
        "time",
        "patience",
        "memory",
    }
    beside = {"test", "valid", "unlabelled", "sql", "name", "run_dir"}
    assert {option.name for option in FIT} == engine | beside


def test_o_stores_the_model_and_shows_no_result(shell):
    cell = shell.run("%automl fit reviews --label Größe -o model")
    assert cell.result is None
    assert isinstance(shell.names["model"], scripted.Model)
    assert "model.predict(new_rows)" in cell.out


def test_without_o_the_run_comes_back(shell):
    shell.run("run = %automl fit reviews --label Größe")
    assert shell.names["run"].done


def test_names_are_put_in_with_a_dollar_sign(shell, api):
    shell.names.update(minutes=2, target="my column", frame=shell.names["reviews"], cols=["a", "b"])
    shell.run("%automl fit $frame --label $target --time ${minutes} --name run_$minutes-$target")
    assert asked(api)[0] is shell.names["frame"]
    assert asked(api)[1:] == ("my column", {"time": "${minutes}", "name": "run_2-my column"})
    shell.run("%automl fit $frame --label $cols --time $minutes")
    assert asked(api)[1:] == (("a", "b"), {"time": 2})


def test_names_inside_a_function_are_found(shell, api):
    shell.run(
        "def train():\n    inner = reviews.head(1)\n    %automl fit inner --label Größe\ntrain()"
    )
    assert len(asked(api)[0]) == 1


def test_several_labels_and_other_frames(shell, api):
    shell.names["more"] = shell.names["reviews"].head(1)
    shell.run("%automl fit reviews --label a --label b --test more --valid more")
    _, label, options = asked(api)
    assert label == ("a", "b")
    assert options["test"] is shell.names["more"]
    assert options["valid"] is shell.names["more"]


@pytest.mark.parametrize(
    "source", ["data/reviews.csv", "https://example.org/x.csv", "'my data.csv'"]
)
def test_paths_and_urls_go_to_the_engine_as_they_are(shell, api, source):
    shell.run(f"%automl fit {source}")
    assert asked(api)[:2] == (source.strip("'"), None)


def test_the_body_of_a_cell_is_the_query(shell, api):
    shell.run("%%automl fit sqlite:///x.db --label y\nSELECT {x} FROM t\nWHERE a = '$5'")
    assert asked(api)[2]["sql"] == "SELECT {x} FROM t\nWHERE a = '$5'"


def test_below_a_frame_stand_the_settings_to_search(shell, api):
    shell.run("%%automl fit reviews --label Größe\nC = 0.1 .. 10  # of svm\n\nk = 3..9\n")
    assert asked(api)[2] == {"search": "C=0.1..10,k=3..9"}
    assert "one a line" in shell.fails("%%automl fit reviews --label a\nSELECT 1")[0]
    assert "--search and a body" in "".join(
        shell.fails("%%automl fit reviews --label a --search k=1..2\nk = 3")
    )


def test_the_space_of_a_strategy_is_a_table(shell):
    shell.run("%automl space svm --search C=1..2 -o space")
    assert shell.names["space"]["C"].searched == (1.0, 2.0)
    cell = shell.run("%automl space svm")
    assert "<table" in cell.result._repr_html_()
    plain = shell.ip.display_formatter.format(cell.result)[0]["text/plain"]
    assert plain.startswith("Search space\n  parameter")


def test_only_fit_and_predict_take_a_body(shell):
    assert "Only '%%automl fit'" in shell.fails("%%automl runs\nSELECT 1")[0]
    assert "one percent sign" in shell.fails("%%automl runs\nSELECT 1")[-1]


def test_settings_are_defaults_that_the_line_overrides(shell, api):
    shell.run('%config AutoMLMagics.time = "10m"')
    shell.run("%config AutoMLMagics.seed = 5")
    shell.run("%automl fit reviews --label Größe --seed 6")
    assert asked(api)[2] == {"time": "10m", "seed": 6}


def test_a_project_can_hold_settings_too(shell, api, tmp_path):
    text = '[tool.automl_nb]\ntime = "1h"\nmetric = "mae"'
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    shell.run("%config AutoMLMagics.time = '10m'")
    shell.run("%automl fit reviews --label Größe")
    assert asked(api)[2] == {"time": "10m", "metric": "mae"}


def test_explore_hands_everything_to_the_engine_and_shows_the_card(shell, api):
    cell = shell.run(
        "%automl explore reviews --label 'my column' --time 60s --backbones a,b --seed 3"
    )
    _, data, label, options = api.calls[-1]
    assert data is shell.names["reviews"]
    assert label == "my column"
    assert options == {"time": "60s", "backbones": ("a", "b"), "seed": 3}
    assert cell.result.backbones == ("minilm-l6",)


def test_explore_stores_and_shows_its_card_under_a_name(shell):
    cell = shell.run("%automl explore reviews --label Größe -o card")
    assert cell.result is None
    assert shell.names["card"].backbones == ("minilm-l6",)
    assert any("Use minilm-l6" in html for html in cell.html)


def test_explore_shows_its_progress_as_a_line_and_takes_it_back(shell):
    shell.run("%config AutoMLMagics.progress = 'html'")
    cell = shell.run("%automl explore reviews --label Größe")
    assert any("minilm-l6 reads &lt;text&gt;" in html for html in cell.html)
    assert "reads" not in cell.html[-1]


def test_explore_writes_its_card_as_the_command_line_does(shell, api, tmp_path):
    asked = f"%automl explore reviews --label Größe --out '{tmp_path / 'card.json'}'"
    assert shell.run(asked).result.backbones == ("minilm-l6",)
    assert shell.run(f"{asked} -o card").result is None
    assert json.loads((tmp_path / "card.json").read_text(encoding="utf-8"))["label"] == "y"
    shell.names["where"] = tmp_path / "other.json"
    shell.run("%automl explore reviews --label Größe --out $where")
    assert (tmp_path / "other.json").is_file()


def test_explore_overwrites_nothing_but_a_card(shell, api, tmp_path):
    (tmp_path / "mine.json").write_text("[1]", encoding="utf-8")
    before = len(api.calls)
    for place in ("mine.json", "nowhere/card.json", "."):
        line = f"%automl explore reviews --label Größe --out '{tmp_path / place}'"
        assert "--out" in " ".join(shell.fails(line))
    assert (tmp_path / "mine.json").read_text(encoding="utf-8") == "[1]"
    assert len(api.calls) == before


def test_explore_is_silent_where_progress_is_off(shell):
    shell.run("%config AutoMLMagics.progress = 'off'")
    cell = shell.run("%automl explore reviews --label Größe -o card")
    assert len(cell.html) == 1
    assert "took" not in cell.html[0]


def test_explore_takes_only_settings_that_it_knows(shell, api):
    shell.run('%config AutoMLMagics.time = "10m"')
    shell.run("%config AutoMLMagics.seed = 5")
    shell.run("%automl explore reviews --label Größe")
    assert api.calls[-1][3] == {"seed": 5}
    assert "no option" in shell.fails("%automl explore reviews --label Größe --metric f1")[0]


def test_predict_and_evaluate(shell):
    shell.run("%automl fit reviews --label Größe -o model")
    assert list(shell.run("%automl predict model reviews").result) == ["positive", "positive"]
    shell.run("%automl predict model $reviews --proba -o chances")
    assert list(shell.names["chances"].columns) == ["negative", "positive"]
    assert "2 rows" in repr(shell.run("%automl evaluate model reviews").result)


def test_predict_with_a_run_a_name_and_a_folder(shell, tmp_path):
    shell.run("run = %automl fit reviews --label Größe")
    (tmp_path / "saved").mkdir()
    (tmp_path / "runs" / "brisk-heron").mkdir(parents=True)
    for model in ("run", "saved"):
        assert len(shell.run(f"%automl predict {model} reviews").result) == 2


def test_run_commands_take_the_last_run_by_themselves(shell):
    shell.run("%automl fit reviews --label Größe -o model")
    board = shell.run("%automl leaderboard").result
    assert board["score"].is_monotonic_decreasing
    assert "brisk-heron" in shell.run("%automl status").text
    assert shell.run("%automl report -o page").success
    assert shell.names["page"].name == "report.html"
    assert "next cell" in shell.run("%automl code --model 'minilm-l6 fine-tuned #1'").out
    assert shell.ip.rl_next_input == "# minilm-l6 fine-tuned #1 on reviews\n"
    assert list(shell.run("%automl runs").result["name"]) == ["brisk-heron"]


def test_the_ledger_of_a_run_can_be_stored(shell):
    shell.run("%automl fit reviews --label Größe -o model")
    assert shell.run("%automl ledger -o tried").success
    tried = shell.names["tried"]
    assert list(tried["trial"]) == ["minilm-l6 + mlp", "minilm-l6 #1", "minilm-l6 #2"]
    assert set(tried["status"]) == {"done"}
    assert len(shell.run("%automl ledger brisk-heron").result) == 3


def test_status_is_drawn_from_disk_in_a_new_kernel(shell):
    cell = shell.run("%automl status brisk-heron")
    assert "brisk-heron: finished, accuracy 0.8421" in cell.text


def test_lists_and_help(shell):
    assert "accuracy" in set(shell.run("%automl list metrics").result["name"])
    assert "%automl list backbones" in shell.run("%automl list").out
    overview = shell.run("%automl").out
    assert all(f"%automl {name}" in overview for name in SUBCOMMANDS)
    assert shell.run("%automl help").out == overview
    assert "--label COLUMN" in shell.run("%automl fit -h").out
    assert shell.run("%automl help fit").out == shell.run("%automl fit --help").out
    assert shell.run("%automl doctor").result["found"].tolist() == ["cpu"]


def test_a_question_mark_shows_the_overview(shell, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.core.page.page", lambda data, **_: shown.append(str(data)))
    shell.run("%automl?")
    assert "%automl fit reviews --label sentiment" in shown[0]
    assert "--params may set of each: %automl list strategies" in shown[0]


@pytest.mark.parametrize(
    ("line", "rule", "more"),
    [
        ("fi reviews", "no subcommand of this name", "Did you mean 'fit'"),
        ("fit revews --label x", "no data frame or file of this name", "Did you mean 'reviews'"),
        ("fit", "'%automl fit' needs DATA", "%automl fit -h"),
        ("fit reviews more", "takes no further word here", "'more'"),
        ("fit reviews --lable x", "no option of this name", "'--label'"),
        ("fit reviews --time", "--time needs a value", "%automl fit -h"),
        ("fit reviews --clip-outliers=3", "--clip-outliers takes no value", "%automl fit -h"),
        ("fit reviews --seed many", "--seed must be a whole number", "'many'"),
        ("fit reviews --test-size half", "--test-size must be a number", "20%"),
        ("fit reviews --kinds stars", "pairs of a column and its kind", "stars=category"),
        ("fit reviews --label $nothing", "no variable of this name", "$reviews"),
        ("fit reviews --label 'open", "must end with the quote", "'open"),
        ("fit reviews -o 2x", "-o takes the name of a variable", "'2x'"),
        ("fit reviews -o class", "-o takes the name of a variable", "'class'"),
        ("predict", "needs MODEL and DATA", "%automl predict -h"),
        ("predict reviews", "needs MODEL before DATA", "Models here: best, run. Write: "),
        ("predict $reviews --proba", "needs MODEL before DATA", "%automl predict MODEL"),
        ("predict best", "needs DATA after MODEL", "Data here: reviews. Write: "),
        ("predict run", "needs DATA after MODEL", "%automl predict run DATA"),
        ("evaluate https://example.org/x.csv", "needs MODEL before DATA", "MODEL https://"),
        ("predict modle reviews", "no model of this name", "'modle'"),
        ("predict reviews reviews", "MODEL must be a model, a run", "'DataFrame'"),
        ("leaderboard", "There is no run yet", "%automl fit DATA"),
        ("status nothere", "no run of this name", "'nothere'"),
        ("list metric", "no registry of this name", "'metrics'"),
        ("help fitt", "no subcommand of this name", "'fit'"),
        ("stop brisk-heron", "still at work can be stopped", "'brisk-heron'"),
    ],
)
def test_what_cannot_work_is_said_in_a_few_lines(shell, api, line, rule, more):
    if line.startswith(("predict", "evaluate")):
        shell.names.update(best=scripted.Model(), run=api.start("rows", "y"))
    lines = shell.fails(f"%automl {line}")
    assert 2 <= len(lines) <= 3
    assert rule in lines[0]
    assert more in " ".join(lines)


def test_the_usage_shows_that_both_model_and_data_are_needed(shell):
    assert "predict MODEL DATA [--proba]" in shell.run("%automl predict -h").out


def test_an_error_of_the_engine_is_raised_after_the_last_frame(shell, api):
    api.script = scripted.failing
    api.play["error"] = DataError("The file is cut off.", received="x.csv", hint="Get it again.")
    lines = shell.fails("%automl fit reviews --label Größe")
    assert lines[-3:] == ["DataError: The file is cut off.", "Received: 'x.csv'.", "Get it again."]


def test_an_unforeseen_error_is_short_and_its_traceback_kept(shell, api):
    def explode(*_args, **_options):
        raise ZeroDivisionError("nobody thought of this")

    api.start = explode
    cell = shell.run("%automl fit reviews", success=False)
    assert isinstance(cell.error, ZeroDivisionError)
    lines = cell.out.strip().splitlines()
    assert lines[0] == "ZeroDivisionError: nobody thought of this"
    assert len(lines) == 3
    assert "explode" in shell.run("%automl traceback").out
    shell.run("%config AutoMLMagics.verbose_errors = True")
    assert "explode" in shell.run("%automl fit reviews", success=False).out


def test_an_error_holds_no_frames_of_the_engine(shell, api):
    def explode(*_args, **_options):
        raise ZeroDivisionError

    api.start = explode
    error = shell.run("%automl fit reviews", success=False).error
    names = []
    frame = error.__traceback__
    while frame:
        names.append(frame.tb_frame.f_code.co_name)
        frame = frame.tb_next
    assert "explode" not in names


def test_the_first_interrupt_ends_gracefully(shell, api):
    api.play.update(interrupts={3}, chunk=8)
    shell.run("run = %automl fit reviews --label Größe")
    run = shell.names["run"]
    assert run.state.status == "stopped"
    assert run.stopped_for == "Stopped by an interrupt."


def test_the_second_interrupt_raises(shell, api):
    api.play.update(interrupts={3, 4}, chunk=1)
    cell = shell.run("%automl fit reviews --label Größe", success=False)
    assert isinstance(cell.error, KeyboardInterrupt)
    assert api.started[-1].stopped_for
    assert "%automl status" in cell.out
    assert len(cell.out.strip().splitlines()[-1].split("\n")) == 1


def test_unloading_takes_everything_back(shell):
    before = len(shell.ip.Completer.custom_matchers)
    shell.run("%automl fit reviews --label Größe -o model")
    shell.run("%reload_ext automl_nb")
    assert len(shell.ip.Completer.custom_matchers) == before
    shell.run("%unload_ext automl_nb")
    assert "automl" not in shell.ip.magics_manager.magics["line"]
    assert "automl" not in shell.ip.magics_manager.magics["cell"]
    assert len(shell.ip.Completer.custom_matchers) == before - 1
    assert not [c for c in shell.ip.configurables if type(c).__name__ == "AutoMLMagics"]
    automl_nb.load_ipython_extension(shell.ip)
    assert isinstance(shell.run("%automl runs").result, pd.DataFrame)


def test_the_memory_is_listed_exported_and_wiped(shell, api):
    assert shell.run("%automl memory").result["run"].tolist() == ["brisk-heron"]
    shell.run("%automl memory list -o known")
    assert shell.names["known"]["rows"].tolist() == [3200]
    assert shell.run("%automl memory export 'my tasks.json'").out == "Written to my tasks.json\n"
    assert shell.run("%automl memory wipe").out == "Forgotten: 3 tasks\n"
    assert api.calls == [("memory_export", "my tasks.json"), ("memory_wipe",)]
    assert "no action on the memory" in shell.fails("%automl memory forget")[0]
    assert "exported to a file" in shell.fails("%automl memory export")[0]


def test_the_cache_is_listed_trimmed_and_cleared(shell, api):
    assert shell.run("%automl cache").result["part"].tolist() == ["features"]
    assert shell.run("%automl cache trim --to 2GB").out == "Removed 1 thing.\n"
    assert shell.run("%automl cache clear").out == "Removed 2 things.\n"
    assert api.calls == [("cache_trim", "2GB"), ("cache_clear",)]
    assert "no action on the cache" in shell.fails("%automl cache wipe")[0]
    assert "cache trim --to 2GB" in " ".join(shell.fails("%automl cache trim"))
    assert "take none" in shell.fails("%automl cache clear --to 2GB")[0]


def test_status_lists_several_runs_and_draws_one(shell, api):
    api.at_work_now = [("brisk-heron", "running"), ("calm-otter", "waiting")]
    assert shell.run("%automl status").result["status"].tolist() == ["running", "waiting"]
    assert "brisk-heron" in shell.run("%automl status brisk-heron").text
    shell.run("%automl fit reviews --label Größe -o model")
    api.at_work_now = api.at_work_now[:1]
    assert "brisk-heron: finished" in shell.run("%automl status").text
