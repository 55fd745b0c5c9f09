"""A network that can't read the rows isn't recommended for them."""

import numpy as np
import pandas as pd

import automl_nb
from tests.support.frames import texts

CHINESE = ("好茶味道很香", "坏茶味道很苦", "这本书很有意思", "这部电影太长了")


def test_networks_that_read_the_rows_say_so():
    made = automl_nb.explore(texts(60), "library", time="60s", test_size=0, backbones=["minilm-l3"])
    assert made.entries[0].reading.fits
    assert made.frame["can_read"].tolist()[0]
    assert made.frame["fertility"].iloc[0] > 1
    assert "yes, " in str(made)


def test_where_no_network_reads_the_rows_none_is_recommended():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"text": [f"{CHINESE[n % 4]} {rng.integers(999)}" for n in range(80)], "good": [1, 0] * 40}
    )
    made = automl_nb.explore(frame, "good", time="60s", test_size=0, kinds={"text": "text"})
    assert made.backbones == ()
    assert made.recommendations[0].evidence == "none"
    assert "written in Han" in made.recommendation
    for form in made.shown().values():
        assert "no, " in form
        assert "written in Han" in form
