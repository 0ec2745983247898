"""Colours of neighbouring series stay apart for readers who see no red or no green.

Simulated after Machado, Oliveira & Fernandes 2009, IEEE TVCG 15:1291-1298 (full dichromacy, linear RGB); differences are
CIE 1976 distances in Lab, where 2.3 is just noticeable.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from app.figures.portfolio_charts import BAND_COLOURS
from app.figures.ranking_charts import _CATEGORY_COLOURS
from reports.charts import colour_of

SIGHTS = {
    "all": np.eye(3),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
PALETTES = {
    "stages": ("upstream", "midstream", "downstream"),
    "asked and given": ("mist", "navy"),
    "bands": tuple(BAND_COLOURS.values()),
    "categories": _CATEGORY_COLOURS,
}


def lab(colour: str, sight: str) -> np.ndarray:
    code = colour_of(colour).lstrip("#")
    rgb = np.array([int(code[n : n + 2], 16) / 255 for n in (0, 2, 4)])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(SIGHTS[sight] @ linear, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one: str, other: str, sight: str) -> float:
    return float(np.linalg.norm(lab(one, sight) - lab(other, sight)))


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("name", PALETTES)
def test_neighbours_are_far_apart_and_any_two_can_be_told(name: str, sight: str) -> None:
    colours = PALETTES[name]
    near = {pair: apart(*pair, sight) for pair in itertools.pairwise(colours)}
    assert min(near.values()) >= 20, near
    every = {pair: apart(*pair, sight) for pair in itertools.combinations(colours, 2)}
    assert min(every.values()) >= 12, every


def test_the_measure_knows_what_cannot_be_told_apart() -> None:
    """A red and a green that only hue tells apart."""
    assert apart("#b8401c", "#6b6b1e", "all") > 40
    assert apart("#b8401c", "#6b6b1e", "deuteranopia") < 20
