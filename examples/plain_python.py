"""From a data frame to a saved model, without a notebook.

python examples/plain_python.py
"""

import tempfile
from pathlib import Path

import automl_nb


def main() -> None:
    texts = automl_nb.sample("docstrings").head(300)
    train, test = texts.head(200), texts.tail(100)

    # With test=... the final model is judged on these rows, once; without it a share of
    # the rows is sealed for that. Left to itself a run also fine-tunes the network.
    run = automl_nb.fit(train, "library", test=test, time="45s", strategies=["svm", "ridge"])
    print(run.leaderboard[["model", "accuracy"]].to_string(index=False))
    print("on the test rows:", run.scorecard.metrics["accuracy"])

    with tempfile.TemporaryDirectory() as folder:
        saved = run.save(Path(folder) / "model")
        model = automl_nb.load(saved)  # as another process would, without the training data
        print(model.predict(["Draw the edges of a polygon.", "Sort a frame by its index."]))


if __name__ == "__main__":
    main()
