"""What the Tab key offers, through IPython's own completer."""

from __future__ import annotations

import pytest
from IPython.core.completer import provisionalcompleter

from tests.support import scripted


@pytest.fixture
def complete(shell, tmp_path):
    (tmp_path / "rows.csv").write_text('alpha,two words,Größe,"a,sh"\n1,2,3,4\n', encoding="utf-8")
    (tmp_path / "runs" / "calm-otter").mkdir(parents=True)
    shell.names["model"] = scripted.Model()
    shell.names["run"] = scripted.Run(scripted.reviews(), chunk=10_000)
    shell.names["run"].poll(0)

    def offered(text):
        cursor = text.index("|") if "|" in text else len(text)
        text = text.replace("|", "")
        with provisionalcompleter():
            found = list(shell.ip.Completer.completions(text, cursor))
        return [text[: c.start] + c.text + text[c.end :] for c in found]

    return offered


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("%automl f", "%automl fit"),
        ("%automl co", "%automl code"),
        ("%automl code run --mo", "%automl code run --model"),
        ("%automl code run --model ensem", '%automl code run --model "ensemble of 4"'),
        ("run = %automl le", "run = %automl leaderboard"),
        ("%%automl fi", "%%automl fit"),
        ("%automl fit rev", "%automl fit reviews"),
        ("%automl fit reviews --la", "%automl fit reviews --label"),
        ("%automl fit reviews --label G", "%automl fit reviews --label Größe"),
        ("%automl fit reviews --label my", '%automl fit reviews --label "my column"'),
        ("%automl fit reviews --label 'my", "%automl fit reviews --label 'my column'"),
        ('%automl fit reviews --label "my c', '%automl fit reviews --label "my column"'),
        ('%automl fit reviews --label "my|"', '%automl fit reviews --label "my column"'),
        ("%automl fit rows.csv --label al", "%automl fit rows.csv --label alpha"),
        ("%automl fit 'rows.csv' --group=tw", "%automl fit 'rows.csv' --group=\"two words\""),
        ("%automl fit $reviews --label te", "%automl fit $reviews --label text"),
        ("%automl fit reviews --metric=roc", "%automl fit reviews --metric=roc_auc"),
        ("%automl fit reviews --metric bal", "%automl fit reviews --metric balanced_accuracy"),
        (
            "%automl fit reviews --backbones minilm-l6,deb",
            "%automl fit reviews --backbones minilm-l6,deberta-v3-small",
        ),
        ("%automl fit reviews --kinds te", "%automl fit reviews --kinds text="),
        ("%automl fit reviews --kinds text=ca", "%automl fit reviews --kinds text=category"),
        ("%automl fit rows.csv --kinds a,", "%automl fit rows.csv --kinds a,alpha="),
        ("%automl fit rows.csv --kinds '\"a,s", "%automl fit rows.csv --kinds '\"a,sh\"='"),
        (
            "%automl fit rows.csv --kinds '\"a,sh\"='bo",
            "%automl fit rows.csv --kinds '\"a,sh\"='boolean",
        ),
        ("%automl fit rows.csv --drop alpha,a", "%automl fit rows.csv --drop alpha,'\"a,sh\"'"),
        ("%automl fit reviews --task mul|", "%automl fit reviews --task multiclass"),
        (
            "%automl fit reviews --clip-outliers --dev",
            "%automl fit reviews --clip-outliers --device",
        ),
        ("%automl fit reviews --params ep", "%automl fit reviews --params epochs="),
        ("%automl fit reviews --params=lr=1e-5,ep", "%automl fit reviews --params=lr=1e-5,epochs="),
        (
            "%automl fit reviews --strategies svm,gradual --params ",
            "%automl fit reviews --strategies svm,gradual --params thaw=",
        ),
        (
            "%automl fit reviews --loss=focal --params fo",
            "%automl fit reviews --loss=focal --params focal_gamma=",
        ),
        ("%automl fit --label x rev", "%automl fit --label x reviews"),
        ("%automl fit reviews --strategy svm,kn", "%automl fit reviews --strategy svm,knn"),
        ("%automl fit reviews --search au", "%automl fit reviews --search auto"),
        ("%automl fit reviews --search l", "%automl fit reviews --search lr="),
        ("%automl fit reviews --search=C=1..2,k", "%automl fit reviews --search=C=1..2,k="),
        ("%automl fit reviews --search loss=fo", "%automl fit reviews --search loss=focal"),
        ("%automl space boosting --search lea", "%automl space boosting --search leaves="),
        ("%automl fit reviews --seed ", "%automl fit reviews --seed 3"),
        (
            '%automl fit reviews --label "my column" --positive ',
            '%automl fit reviews --label "my column" --positive n',
        ),
        ("%automl fit reviews --language z", "%automl fit reviews --language zh"),
        ("%automl fit --language zh rev", "%automl fit --language zh reviews"),
        ("%automl ex", "%automl explore"),
        ("%automl explore rev", "%automl explore reviews"),
        ("%automl explore reviews --la", "%automl explore reviews --label"),
        ("%automl explore reviews --label G", "%automl explore reviews --label Größe"),
        (
            "%automl explore reviews --backbones minilm-l6,deb",
            "%automl explore reviews --backbones minilm-l6,deberta-v3-small",
        ),
        ("%automl predict mo", "%automl predict model"),
        ("%automl predict model re", "%automl predict model reviews"),
        ("%automl status ca", "%automl status calm-otter"),
        ("%automl led", "%automl ledger"),
        ("%automl ledger ca", "%automl ledger calm-otter"),
        ("%automl list enc", "%automl list encoders"),
        ("%automl help lea", "%automl help leaderboard"),
    ],
)
def test_offers(complete, typed, whole):
    assert whole in complete(typed)


BELOW = "%%automl fit reviews --seed 3\n"


def test_below_fit_stand_keys_and_their_values(complete):
    for typed, added in (
        ("la|", "label = "),
        ('time = "3m"\nme|', "metric = "),
        ("label = |", '"my column"'),
        ('label = "my|"', '"my column"'),
        ('label = ["text", "Gr|', '"Größe"'),
        ('metric = "f1|', '"f1_macro"'),
        ("test = re|", '"reviews"'),
        ("folds = |", "10"),
        ("fresh = t|", "true"),
        ("[ki|", "[kinds]"),
        ("[kinds]\nGr|", '"Größe" = '),
        ("[kinds]\ntext = |", '"category"'),
        ("[params]\nep|", "epochs = "),
        ('strategies = "gradual"\n[params]\nth|', "thaw = "),
        ("[search]\nlr|", "lr = "),
        ("[search]\nC|", "C = "),
        ("lea|", "learning_rate = "),
        ('search = "a|', '"auto"'),
        ('label = "my column"\npositive = |', '"n"'),
        ("language = |", '"zh"'),
        ("trials = |", "50"),
    ):
        above = typed.partition("|")[0].rpartition("\n")[0]
        offered = complete(BELOW + typed)
        assert any(text.startswith(BELOW + above) and added in text for text in offered), typed


def test_below_fit_nothing_is_offered_twice_nor_elsewhere(complete):
    keys = complete(BELOW + 'label = "text"\n|')
    assert not [text for text in keys if text.endswith(("\nlabel = ", "\nseed = "))]
    for elsewhere in ("%%automl fit reviews\n[strange]\nla|", "%%automl predict model\nla|"):
        assert not [text for text in complete(elsewhere) if text.endswith("label = ")]


def test_nothing_else_is_offered_where_the_choice_is_ours(complete):
    assert complete("%automl st") == ["%automl status", "%automl stop"]
    assert len(complete("%automl fit reviews --label ")) == 3


@pytest.mark.parametrize(
    "typed",
    [
        "%automl fit reviews --params lr=1e-5,l",
        "%automl fit reviews --params lr=",
        "%automl fit reviews --strategies svm --params ",
        "%automl fit reviews --strategies nothing --params ",
    ],
)
def test_no_parameter_is_offered_twice_nor_where_there_is_none(complete, typed):
    assert not [text for text in complete(typed) if text.endswith("=") and text != typed]


def test_files_stand_beside_data_frames(complete):
    offered = complete("%automl fit r")
    assert offered[0] == "%automl fit reviews"
    assert "%automl fit rows.csv" in offered


@pytest.mark.parametrize(
    "typed",
    ["", "%automl", "%auto", "automl = 3", "%automl nothing --x", "%automl fit nowhere --label "],
)
def test_other_lines_are_left_alone(complete, typed):
    assert not [text for text in complete(typed) if "--" in text.removeprefix(typed)]


def test_a_large_namespace_is_no_hindrance(complete, shell):
    shell.names.update({f"name_{i}": i for i in range(20_000)})
    assert complete("%automl predict mo") == ["%automl predict model"]
