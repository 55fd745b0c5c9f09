"""Small runs that several tests look at."""

import pytest

import automl_nb
from tests.support import frames


@pytest.fixture(scope="session")
def a_folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="session")
def text_run(a_folder):
    return automl_nb.fit(
        frames.texts(),
        "library",
        time=600,
        metric="log_loss",  # by which blends are nearly always better
        strategies=["svm"],
        backbones=["minilm-l3"],
        run_dir=a_folder,
        name="texts",
    )


@pytest.fixture(scope="session")
def table_run(a_folder):
    return automl_nb.fit(
        frames.table(),
        "cultivar",
        time=600,
        strategies=["logistic", "ridge", "knn"],
        run_dir=a_folder,
        name="table",
    )


@pytest.fixture(scope="session")
def picture_run(a_folder):
    return automl_nb.fit(
        frames.pictures(),
        "colour",
        time=600,
        strategies=["logistic"],
        backbones=["efficientnet-lite0"],
        run_dir=a_folder,
        name="pictures",
    )


@pytest.fixture(scope="session")
def mixed_run(a_folder):
    return automl_nb.fit(
        frames.mixed(),
        "library",
        time=600,
        strategies=["svm"],
        backbones=["none"],
        run_dir=a_folder,
        name="mixed",
    )
