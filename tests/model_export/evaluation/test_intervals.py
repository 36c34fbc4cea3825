"""Bootstrap over works."""

from __future__ import annotations

import pytest

from model_export.baselines.score import PieceScore
from model_export.evaluation.intervals import difference_interval, nats_interval

SAME = [PieceScore(f"w{i}", 200.0, 100) for i in range(20)]


def test_works_that_cost_alike_have_no_width() -> None:
    assert nats_interval(SAME) == (2.0, 2.0)


def test_an_interval_holds_the_mean_and_grows_with_the_spread() -> None:
    spread = [PieceScore(f"w{i}", 100.0 * (1 + i % 3), 100) for i in range(30)]
    low, high = nats_interval(spread)
    assert low < 2.0 < high
    few_low, few_high = nats_interval(spread[:6])
    assert few_high - few_low > high - low


def test_a_difference_is_paired() -> None:
    dearer = [PieceScore(s.piece, 1.25 * s.nats * (1 + i), s.notes) for i, s in enumerate(SAME)]
    cheap = [PieceScore(s.piece, s.nats * (1 + i), s.notes) for i, s in enumerate(SAME)]
    assert difference_interval(cheap, dearer) == pytest.approx((0.8, 0.8))
    with pytest.raises(ValueError, match="same works"):
        difference_interval(SAME[:3], SAME[:4])
