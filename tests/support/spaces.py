"""Search spaces for tests: drawn by hypothesis, and one with a function over it."""

import math
import string

from hypothesis import strategies as st

from automl_nb.core.space import Choice, Float, Int, Space, When

WORDS = st.text(string.ascii_lowercase + "-", min_size=1, max_size=6)


@st.composite
def floats(draw, name, when=None):
    log = draw(st.booleans())
    low = draw(st.floats(1e-6, 1.0) if log else st.floats(-10.0, 10.0))
    high = low * draw(st.floats(1.5, 1e5)) if log else low + draw(st.floats(0.01, 100.0))
    default = draw(st.sampled_from([low, high]))
    return Float(name, low, high, default, log=log, when=when)


@st.composite
def ints(draw, name, when=None):
    log = draw(st.booleans())
    low = draw(st.integers(1, 4) if log else st.integers(-4, 4))
    high = low + draw(st.integers(0, 40))
    return Int(name, low, high, draw(st.integers(low, high)), log=log, when=when)


@st.composite
def choices(draw, name, when=None):
    options = tuple(draw(st.lists(WORDS, min_size=1, max_size=4, unique=True)))
    return Choice(name, options, draw(st.sampled_from(options)), when=when)


@st.composite
def conditions(draw, parents):
    """A condition on one of the parents, or none."""
    able = [p for p in parents if not isinstance(p, Float)]
    if not able or draw(st.booleans()):
        return None
    parent = draw(st.sampled_from(able))
    if isinstance(parent, Int):
        return When(parent.name, (draw(st.integers(parent.low, parent.high)),))
    among = draw(st.lists(st.sampled_from(parent.options), min_size=1, unique=True))
    return When(parent.name, tuple(among))


@st.composite
def spaces(draw, most=5):
    """Spaces of numbers and words, by factors and evenly, some under conditions."""
    made = []
    for place in range(draw(st.integers(1, most))):
        when = draw(conditions(made))
        kind = draw(st.sampled_from([floats, ints, choices]))
        made.append(draw(kind(f"p{place}", when)))
    return Space(tuple(draw(st.permutations(made))))


MIXED = Space(
    (
        Float("lr", 1e-6, 1e-1, 1e-4, log=True),
        Float("drop", 0.0, 0.5, 0.1),
        Int("layers", 1, 12, 2),
        Int("width", 16, 1024, 64, log=True),
        Choice("loss", ("plain", "focal", "poly"), "plain"),
        Float("gamma", 0.0, 5.0, 2.0, when=When("loss", ("focal",))),
    )
)


def score(config):
    """More is better; at most 0, where lr is 1e-3, with the focal loss and gamma 3."""
    lost = (math.log10(config["lr"]) + 3) ** 2 + 4 * (config["drop"] - 0.2) ** 2
    lost += 0.1 * abs(config["layers"] - 6) + 0.2 * abs(math.log2(config["width"]) - 8)
    lost += {"plain": 0.8, "focal": 0.0, "poly": 0.4}[config["loss"]]
    return -lost - 0.1 * abs(config.get("gamma", 3.0) - 3.0)
