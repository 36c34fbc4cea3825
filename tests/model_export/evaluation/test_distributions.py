from __future__ import annotations

import numpy as np
import pytest

from model_export.evaluation.distributions import COUNTS, in_turn, overlap_area, overlaps
from tests.model_export.evaluation.music import moved, tune

WORKS = [f"w{at}" for at in range(40)]
REAL = [tune(seed) for seed in range(40)]


def test_overlap_of_known_histograms() -> None:
    one, other = np.array([1.0, 1.0, 0.0]), np.array([0.0, 4.0, 4.0])
    assert overlap_area(one, other) == 0.5
    assert overlap_area(one, 3 * one) == 1.0
    assert overlap_area(one, np.zeros(3)) == 0.0


def test_the_same_kind_of_music_lies_within_the_band() -> None:
    found = overlaps(REAL, [tune(seed) for seed in range(100, 140)], WORKS, WORKS, 0)
    assert set(found) == set(COUNTS)
    assert all(row.within for row in found.values())
    assert all(row.low <= row.real <= row.high <= 1.0 for row in found.values())


def test_only_what_differs_falls_out_of_the_band() -> None:
    found = overlaps(REAL, [moved(one, 1) for one in REAL], WORKS, WORKS, 0)
    assert {name for name, row in found.items() if not row.within} == {"pitch class"}


def test_music_that_no_work_asked_for() -> None:
    asked = in_turn(WORKS, 80)
    found = overlaps(REAL, [tune(seed) for seed in range(200, 280)], WORKS, asked, 0)
    assert found["interval"].generated > 0.9
    with pytest.raises(ValueError, match="two works"):
        overlaps(REAL[:1], REAL[:1], ["w0"], ["w0"], 0)
