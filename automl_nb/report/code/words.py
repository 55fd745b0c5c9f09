"""Texts as the words and characters that they hold."""

from __future__ import annotations

from automl_nb.core.recipe import Block
from automl_nb.report.code.layout import quoted
from automl_nb.report.code.snippet import Snippet, Telling, plain

_WHY = {
    "tfidf-word": "Words: each text as how often it uses each word, rare words counting more.",
    "tfidf-pairs": 'Words and pairs of words, which tell "not good" from "good".',
    "tfidf-char": "Runs of characters: word stems, endings and misspellings count too.",
}
TEXTS = '''
def texts(column):
    """The column as text: "" where there is none, and signs that look alike made one."""
    return column.fillna("").astype(str).str.normalize("NFKC"){more}
'''
_USUAL = {"analyzer": "word", "ngram_range": [1, 1], "min_df": 1}


def tfidf(block: Block, telling: Telling) -> Snippet:
    """scikit-learn's TF-IDF with the settings that were used."""
    name, column = telling.names[block.key], block.columns[0]
    options = {key: value for key, value in block.settings.items() if _USUAL.get(key) != value}
    given = ["sublinear_tf=True", *(f"{key}={_said(value)}" for key, value in options.items())]
    code = [
        f"# {_WHY[block.encoder]}",
        f"{name} = TfidfVectorizer(",
        *(f"    {one}," for one in given),
        ")",
        f"train_{name} = {name}.fit_transform(texts(train[{quoted(column)}]))",
    ]
    return Snippet(
        "\n".join(code),
        f"{name}.transform(texts(new[{quoted(column)}]))",
        ("from sklearn.feature_extraction.text import TfidfVectorizer",),
        (texts_helper(telling),),
    )


def texts_helper(telling: Telling) -> str:
    """The function that makes a column text, as the run cleaned it."""
    strips = bool(telling.state.settings.get("strip_punctuation"))
    more = '.str.replace(r"[^\\w\\s]|[\\d_]", " ", regex=True)' if strips else ""
    return plain(TEXTS).replace("{more}", more)


def _said(value: object) -> str:
    if isinstance(value, list):
        return repr(tuple(value))
    if isinstance(value, str):
        return f'r"{value}"' if "\\" in value else quoted(value)
    return f"{value:_}" if isinstance(value, int) else repr(value)
