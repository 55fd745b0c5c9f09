"""Clouds of points a class, for whatever reads features."""

import numpy as np


def clouds(n=120, d=6, classes=3, apart=3.0, seed=0):
    """(n, d) features around a centre a class, and their (n,) classes in turn."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % classes
    centres = rng.normal(size=(classes, d)) * apart
    return centres[y] + rng.normal(size=(n, d)), y
