"""Tabular columns as numbers: against pandas, scikit-learn and equations written out."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from automl_nb.core.errors import ColumnError, SettingError
from automl_nb.features.columns import TabularColumns
from automl_nb.features.dates import PARTS, date_parts
from automl_nb.features.levels import Levels
from automl_nb.features.numbers import Scale, Scales
from automl_nb.features.onehot import OneHot
from automl_nb.features.ordered import natural_order
from automl_nb.features.tabular import TabularLinear, TabularTree

BOTH = (TabularTree, TabularLinear)


def fitted(kind, frame, kinds):
    encoder = kind(tuple(kinds), kinds)
    encoder.fit(frame)
    return encoder


def encoded(kind, frame, kinds):
    return np.asarray(fitted(kind, frame, kinds).transform(frame))


# --- dtypes --------------------------------------------------------------------------

SAME_NUMBERS = {
    "floats": pd.Series([1.0, np.nan, 3.0, 2.5]),
    "text": pd.Series(["1", None, "3.0", " 2.5 "], dtype=object),
    "nullable": pd.Series([1.0, None, 3.0, 2.5], dtype="Float64"),
    "text of pandas 3": pd.Series(["1", None, "3", "2.5"], dtype="str"),
    "categories": pd.Series(["1", None, "3", "2.5"], dtype="category"),
    "sparse": pd.Series(pd.arrays.SparseArray([1.0, np.nan, 3.0, 2.5])),
    "objects": pd.Series([1, None, 3, 2.5], dtype=object),
}


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("name", SAME_NUMBERS)
def test_numbers_are_the_same_in_any_dtype(kind, name):
    expected = encoded(kind, pd.DataFrame({"a": SAME_NUMBERS["floats"]}), {"a": "number"})
    found = encoded(kind, pd.DataFrame({"a": SAME_NUMBERS[name]}), {"a": "number"})
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("dtype", [object, "str", "string", "category"])
def test_levels_are_the_same_in_any_dtype(kind, dtype):
    values = ["a", "b", None, "a", "c", "a"]
    expected = encoded(
        kind, pd.DataFrame({"a": pd.Series(values, dtype=object)}), {"a": "category"}
    )
    found = encoded(kind, pd.DataFrame({"a": pd.Series(values, dtype=dtype)}), {"a": "category"})
    np.testing.assert_array_equal(found, expected)


def test_a_code_written_as_a_number_stays_one_level():
    encoder = fitted(TabularTree, pd.DataFrame({"zip": [7, 7, 9]}), {"zip": "category"})
    rows = pd.DataFrame({"zip": pd.Series([9.0, "9", "9 ", 7, None], dtype=object)})
    assert encoder.transform(rows)[:-1, 0].tolist() == [1.0, 1.0, 1.0, 0.0]
    assert np.isnan(encoder.transform(rows)[-1, 0])


@pytest.mark.parametrize("kind", BOTH)
def test_infinite_and_absurd_numbers_are_missing(kind):
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0, np.nan]})
    encoder = fitted(kind, frame, {"a": "number"})
    odd = encoder.transform(pd.DataFrame({"a": [np.inf, -np.inf, 1e300, np.nan]}))
    np.testing.assert_array_equal(odd, np.repeat(odd[-1:], 4, axis=0))


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=6),
    st.dates().map(pd.Timestamp),
)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=25),
    others=st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=5),
)
def test_whatever_the_cells_hold_rows_become_numbers_one_by_one(rows, others):
    kinds = {"n": "number", "c": "category", "b": "boolean"}
    frame = pd.DataFrame(rows, columns=list(kinds), dtype=object)
    more = pd.DataFrame(others, columns=list(kinds), dtype=object)
    for kind in BOTH:
        encoder = fitted(kind, frame, kinds)
        everything = pd.concat([frame, more], ignore_index=True)
        block = np.asarray(encoder.transform(everything))
        assert block.shape == (len(everything), len(encoder.feature_names))
        assert not np.isinf(block).any()
        alone = [np.asarray(encoder.transform(everything.iloc[[i]])) for i in range(len(block))]
        np.testing.assert_array_equal(np.vstack(alone), block)
        if kind is TabularLinear:
            assert np.isfinite(block).all()


@pytest.mark.parametrize("kind", BOTH)
def test_one_row_is_read_as_among_many(kind):
    rng = np.random.default_rng(0)
    n = 500
    numbers = rng.normal(size=n)
    numbers[::7] = np.nan
    frame = pd.DataFrame(
        {
            "float": numbers,
            "int": rng.integers(-5, 5, n),
            "truth": rng.integers(0, 3, n) / 1.0,
            "bool": rng.random(n) < 0.5,
            "level": rng.choice(np.array(["a", "b ", "c", "", None], dtype=object), n),
            "code": rng.integers(0, 9, n),
            "mixed": rng.choice(np.array(["1", 1, 2.0, True, None], dtype=object), n),
            "day": pd.date_range("2020-02-27", periods=n, freq="11h"),
        }
    )
    kinds = {"float": "number", "int": "number", "truth": "boolean", "bool": "boolean"}
    kinds |= {"level": "category", "code": "category", "mixed": "category", "day": "datetime"}
    encoder = fitted(kind, frame, kinds)
    block = encoder.transform(frame)
    for row in range(0, n, 9):
        np.testing.assert_array_equal(encoder.transform(frame.iloc[[row]])[0], block[row])


# --- trees ---------------------------------------------------------------------------


def test_codes_follow_frequency_and_then_the_alphabet():
    values = pd.Series(["b", "c", "a", "c", "d", "d"])
    assert Levels.fit(values).names == ("c", "d", "a", "b")


def test_an_unknown_level_is_rarer_than_any_known():
    encoder = fitted(TabularTree, pd.DataFrame({"a": ["x", "x", "y"]}), {"a": "category"})
    assert encoder.transform(pd.DataFrame({"a": ["new"]})).tolist() == [[2.0]]


def test_too_many_levels_share_the_code_of_unknown_ones():
    values = pd.Series([f"level {i % 1500}" for i in range(3200)])
    levels = Levels.fit(values, most=1000)
    codes = levels.codes(values)
    assert len(levels.names) == 1000
    assert codes.max() == 1000
    assert (np.bincount(codes)[:1000] >= 2).all()


def test_categories_are_listed_after_the_numbers():
    kinds = {"c": "category", "n": "number", "d": "category"}
    frame = pd.DataFrame({"c": ["u", "v"], "n": [1.0, 2.0], "d": ["w", "w"]})
    encoder = fitted(TabularTree, frame, kinds)
    assert encoder.feature_names == ("n", "c", "d")
    assert encoder.categorical_features == (1, 2)


def test_words_with_an_order_also_come_as_a_number():
    frame = pd.DataFrame({"grade": ["Good", "Poor", "Excellent", None, "Good"]})
    encoder = fitted(TabularTree, frame, {"grade": "category"})
    assert encoder.feature_names == ("grade (order)", "grade")
    order = encoder.transform(frame)[:, 0]
    np.testing.assert_array_equal(order, np.array([1, 0, 2, np.nan, 1], np.float32))


@pytest.mark.parametrize(
    "levels",
    [
        ["Poor", "Fair", "Typical", "Good", "Excellent"],
        ["No_Basement", "Poor", "Fair", "Excellent"],
        ["Very_Poor", "Below_Average", "Average", "Above_Average", "Very_Excellent"],
        ["Low", "Medium", "High", "Very_High"],
        ["Bad", "Good", "Better", "Best"],
        ["Non-Travel", "Travel_Rarely", "Travel_Frequently"],
        ["XS", "S", "M", "L", "XL"],
        ["never", "sometimes", "often", "always"],
        ["Strongly disagree", "disagree", "neutral", "agree", "strongly agree"],
        ["Below_College", "Bachelor", "Master", "Doctor"],
        ["emp_lt_1", "emp_1", "emp_2", "emp_ge_10"],
        ["<18", "18-25", "26-40", "41+"],
        ["A1", "A2", "B1", "G5"],
        ["one year", "two years", "ten years"],
        ["none", "mild", "moderate", "severe"],
    ],
    ids=lambda levels: levels[0],
)
def test_known_scales_are_put_in_order(levels):
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(levels))
        assert natural_order([levels[i] for i in order]) == tuple(float(i) for i in order)


@pytest.mark.parametrize(
    "levels",
    [
        ["red", "green", "blue"],
        ["yes", "no"],
        ["good", "poor"],
        ["North_Ames", "Sawyer", "Old_Town"],
        ["One_Story_1946", "Two_Family_1930", "Duplex_1980"],
        ["no phone", "no", "yes"],
        ["Ulm 1", "Bonn 2", "Jena 3"],
        [],
    ],
    ids=str,
)
def test_other_words_have_no_order(levels):
    assert natural_order(levels) is None


@given(st.lists(st.text(max_size=12), max_size=12, unique=True))
def test_any_levels_have_an_order_or_none(levels):
    places = natural_order(levels)
    assert places is None or (len(places) == len(levels) and len(set(places)) >= 3)


# --- dates ---------------------------------------------------------------------------


def test_date_parts_are_those_of_pandas():
    times = pd.Series(pd.date_range("2019-12-30 05:17", "2024-03-02", freq="37h")).sample(
        frac=1, random_state=0
    )
    parts = date_parts(times)
    assert tuple(parts) == PARTS
    for name, attribute in (("year", "year"), ("month", "month"), ("day", "day")):
        np.testing.assert_array_equal(parts[name], getattr(times.dt, attribute))
    np.testing.assert_array_equal(parts["weekday"], times.dt.day_of_week)
    np.testing.assert_array_equal(parts["yearday"], times.dt.day_of_year)
    hours = (times - times.dt.normalize()).dt.total_seconds() / 3600
    np.testing.assert_allclose(parts["hour"], hours)
    since = (times - pd.Timestamp("1970-01-01")).dt.total_seconds() / 86400
    np.testing.assert_allclose(parts["elapsed"], since)


def test_parts_that_never_differ_are_left_out():
    frame = pd.DataFrame({"day": pd.to_datetime(["2024-05-01", "2024-05-09", None])})
    names = fitted(TabularTree, frame, {"day": "datetime"}).feature_names
    assert names == ("day elapsed", "day day", "day yearday", "day weekday") or names == (
        "day elapsed",
        "day day",
        "day yearday",
    )
    assert "day year" not in names
    assert "day hour" not in names


def test_december_is_near_january():
    frame = pd.DataFrame({"day": pd.date_range("2020-01-15", periods=240, freq="30D")})
    encoder = fitted(TabularLinear, frame, {"day": "datetime"})
    months = pd.DataFrame({"day": pd.to_datetime(["2021-12-20", "2022-01-10", "2022-06-15"])})
    columns = [i for i, n in enumerate(encoder.feature_names) if n.endswith(("sin", "cos"))]
    december, january, june = encoder.transform(months)[:, columns]
    assert np.linalg.norm(december - january) < np.linalg.norm(december - june)


def test_dates_with_a_zone_and_dates_as_text_are_read():
    plain = pd.DataFrame({"d": pd.to_datetime(["2024-01-01 06:00", "2024-07-02 18:00"])})
    zoned = plain.assign(d=plain["d"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"))
    texts = plain.assign(d=plain["d"].dt.strftime("%Y-%m-%dT%H:%M:%S").astype(object))
    expected = encoded(TabularTree, plain, {"d": "datetime"})
    np.testing.assert_array_equal(encoded(TabularTree, zoned, {"d": "datetime"}), expected)
    np.testing.assert_array_equal(encoded(TabularTree, texts, {"d": "datetime"}), expected)


def test_the_parts_of_a_missing_date_share_one_flag():
    days = pd.Series(pd.date_range("2020-01-01", periods=50, freq="9D")).mask(
        lambda d: d.dt.day_of_week == 2
    )
    names = fitted(TabularLinear, pd.DataFrame({"d": days}), {"d": "datetime"}).feature_names
    assert sum(name.endswith("missing") for name in names) == 1


# --- numbers for linear models -------------------------------------------------------


def test_plain_numbers_are_standardised_as_scikit_learn_does():
    rng = np.random.default_rng(0)
    values = rng.uniform(-3, 9, 5)  # too few rows to bend
    frame = pd.DataFrame({"a": values})
    expected = StandardScaler().fit_transform(values[:, None])
    np.testing.assert_allclose(encoded(TabularLinear, frame, {"a": "number"}), expected, atol=1e-6)


def test_a_skewed_column_is_unskewed():
    rng = np.random.default_rng(0)
    values = np.append(rng.lognormal(3, 2, 2000), [0.0, -5.0])
    scale = Scale.fit(values)
    z = Scales([scale]).transform(values[:, None])[:, 0].astype(float)
    assert scale.unit == pytest.approx(np.median(np.abs(values[values != 0])))
    assert skewness(z) < 0.2 * skewness(values)
    order = np.argsort(values)
    assert (np.diff(z[order]) >= 0).all()


def skewness(values):
    return ((values - values.mean()) ** 3).mean() / values.std() ** 3


def test_one_odd_value_does_not_rule():
    values = np.append(np.random.default_rng(0).normal(size=400), 1e30)
    z = Scales([Scale.fit(values)]).transform(values[:, None])[:, 0]
    assert z.max() <= 4.0
    assert z[:400].std() > 1e-3


def test_the_pieces_can_draw_any_line_that_bends_at_the_quantiles():
    x = np.random.default_rng(1).uniform(0, 1, 800)
    scale = Scale.fit(x, bins=8)
    block = Scales([scale]).transform(x[:, None]).astype(np.float64)
    knots = np.quantile(x, np.linspace(0, 1, 9))
    heights = np.array([0.0, 2.0, 1.0, 1.0, -3.0, 0.0, 4.0, 4.5, 1.0])
    bent = np.interp(x, knots, heights)
    design = np.column_stack([block, np.ones(len(x))])
    weights, *_ = np.linalg.lstsq(design, bent, rcond=None)
    np.testing.assert_allclose(design @ weights, bent, atol=1e-3)
    np.testing.assert_allclose(block[:, 1:].mean(axis=0), 0.0, atol=1e-6)


def test_missing_numbers_take_the_median_and_raise_a_flag():
    values = np.array([1.0, 5.0, np.nan, 3.0])
    out = Scales([Scale.fit(values)]).transform(values[:, None])
    assert out[:, 1].tolist() == [0, 0, 1, 0]
    assert out[2, 0] == out[3, 0]


def test_a_constant_or_empty_column_gives_nothing():
    frame = pd.DataFrame({"a": [2.0, 2.0, 2.0], "b": [np.nan] * 3, "c": [1.0, 2.0, 4.0]})
    kinds = dict.fromkeys("abc", "number")
    assert fitted(TabularLinear, frame, kinds).feature_names == ("c",)


def test_many_number_columns_get_fewer_pieces():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(200, 150)), columns=[f"n{i}" for i in range(150)])
    block = encoded(TabularLinear, frame, dict.fromkeys(frame.columns, "number"))
    assert block.shape[1] <= 150 + 512


# --- one-hot -------------------------------------------------------------------------


def test_frequent_levels_are_one_hot_as_in_scikit_learn():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.choice(list("wxyz"), 60), "b": rng.choice(list("uv"), 60)})
    encoder = fitted(TabularLinear, frame, {"a": "category", "b": "category"})
    order = [sorted(set(frame[c]), key=lambda v, c=c: (-(frame[c] == v).sum(), v)) for c in frame]
    expected = OneHotEncoder(categories=order).fit_transform(frame).toarray()
    np.testing.assert_array_equal(encoder.transform(frame), expected)


def test_rare_and_unknown_levels_share_a_column():
    frame = pd.DataFrame({"a": ["x"] * 30 + ["y"] * 20 + ["rare", "odd"]})
    encoder = fitted(TabularLinear, frame, {"a": "category"})
    assert encoder.feature_names == ("a: x", "a: y", "a: other")
    rows = pd.DataFrame({"a": ["rare", "never seen", None, "y"]})
    assert encoder.transform(rows).tolist() == [[0, 0, 1], [0, 0, 1], [0, 0, 0], [0, 1, 0]]


def test_very_many_levels_make_a_sparse_block():
    rng = np.random.default_rng(0)
    kinds = {f"c{i}": "category" for i in range(40)} | {"n": "number"}
    frame = pd.DataFrame(
        {c: rng.integers(0, 50, 2000).astype(str) for c in kinds if c != "n"}
        | {"n": rng.normal(size=2000)}
    )
    encoder = fitted(TabularLinear, frame, kinds)
    block = encoder.transform(frame)
    assert sparse.issparse(block)
    assert block.dtype == np.float32
    assert block.shape == (2000, len(encoder.feature_names))
    _, codes = encoder.reader.read(frame)
    np.testing.assert_array_equal(
        block[:, encoder.scales.width :].toarray(), encoder.one_hot.dense(codes)
    )
    alone = encoder.transform(frame.iloc[[7]])
    np.testing.assert_array_equal(alone.toarray(), block[7].toarray())


@given(
    st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=4),
    st.integers(0, 9),
    st.randoms(use_true_random=False),
)
def test_one_hot_is_the_same_dense_and_sparse(widths, n, random):
    one_hot = OneHot([kept for kept, _ in widths], [shared for _, shared in widths])
    codes = np.array([[random.randint(-1, 6) for _ in widths] for _ in range(n)], dtype=np.int64)
    codes = codes.reshape(n, len(widths))
    dense = one_hot.dense(codes)
    np.testing.assert_array_equal(one_hot.csr(codes).toarray(), dense)
    assert (dense.sum(axis=1) <= len(widths)).all()


# --- state and errors ----------------------------------------------------------------


def test_the_state_is_json_and_needs_no_file(tmp_path):
    frame = pd.DataFrame({"größe": [1.0, None, 3.0], "stadt": ["Köln", "北京", None]})
    kinds = {"größe": "number", "stadt": "category"}
    for kind in BOTH:
        encoder = fitted(kind, frame, kinds)
        config = json.loads(json.dumps(encoder.save(tmp_path)))
        assert not list(tmp_path.iterdir())
        again = kind.load(tmp_path, config)
        assert again.identity() == encoder.identity()
        assert again.feature_names == encoder.feature_names
        np.testing.assert_array_equal(again.transform(frame), encoder.transform(frame))


def test_identity_changes_with_what_was_learnt():
    kinds = {"a": "number"}
    one = fitted(TabularLinear, pd.DataFrame({"a": [1.0, 2.0]}), kinds)
    other = fitted(TabularLinear, pd.DataFrame({"a": [1.0, 3.0]}), kinds)
    assert one.identity() != other.identity()


def test_a_kind_that_is_no_number_is_refused():
    with pytest.raises(SettingError, match="'a'") as caught:
        TabularTree(("a",), {"a": "text"})
    assert "number" in caught.value.hint


def test_a_missing_column_is_named_with_its_neighbours():
    encoder = fitted(TabularTree, pd.DataFrame({"price": [1.0]}), {"price": "number"})
    with pytest.raises(ColumnError) as caught:
        encoder.transform(pd.DataFrame({"prize": [1.0]}))
    assert caught.value.received == "'price'"
    assert "'prize'" in caught.value.hint


def test_no_columns_give_an_empty_block():
    frame = pd.DataFrame({"a": [1, 2]})
    for kind in BOTH:
        assert encoded(kind, frame, {}).shape == (2, 0)


def test_fitted_without_rows_it_still_reads_rows():
    frame = pd.DataFrame({"n": [1.0], "c": ["x"], "d": pd.to_datetime(["2024-01-01"])})
    kinds = {"n": "number", "c": "category", "d": "datetime"}
    for kind in BOTH:
        encoder = fitted(kind, frame.iloc[:0], kinds)
        assert encoder.transform(frame).shape == (1, len(encoder.feature_names))


def test_reading_gives_numbers_and_codes_apart():
    reader = TabularColumns(("b", "c"), {"b": "boolean", "c": "category"})
    frame = pd.DataFrame({"b": [True, False, None], "c": ["x", "y", "x"]})
    reader.fit(frame)
    numbers, codes = reader.read(frame)
    np.testing.assert_array_equal(numbers, [[1.0], [0.0], [np.nan]])
    assert codes.tolist() == [[0], [1], [0]]
