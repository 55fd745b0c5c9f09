"""As a step of a scikit-learn pipeline, cross-validated by scikit-learn.

python examples/sklearn_pipeline.py
"""

import pandas as pd
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import automl_nb
from automl_nb import AutoMLClassifier


def without_errors(X: pd.DataFrame) -> pd.DataFrame:
    """Leave the columns out that only say how uncertain a measure is."""
    return X[[name for name in X if not name.endswith("_error")]]


def main() -> None:
    cells = automl_nb.sample("breast_cancer")
    X, y = cells.drop(columns="diagnosis"), cells["diagnosis"]
    X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

    model = make_pipeline(
        FunctionTransformer(without_errors),
        AutoMLClassifier(time="10s", strategies=("boosting", "logistic"), random_state=0),
    )
    scores = cross_val_score(model, X_train, y_train, cv=3)
    print(f"accuracy in three folds: {scores.round(3)}")

    model.fit(X_train, y_train)
    print(f"accuracy on the test rows: {model.score(X_test, y_test):.3f}")
    print(model.predict_proba(X_test.head(3)).round(3))


if __name__ == "__main__":
    main()
