from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_py.play.limit import limit
from firmware_py.play.ramp import Ramp, crossfade_curve, loudness_curve

positions = st.floats(0, 1)


@settings(max_examples=40, deadline=None)
@given(positions, positions, st.integers(0, 5000), st.lists(st.integers(1, 900), max_size=12))
def test_a_ramp_arrives_to_the_frame_in_blocks_of_any_size(
    begin: float, end: float, frames: int, blocks: list[int]
) -> None:
    ramp = Ramp(begin)
    ramp.go(end, frames)
    values = [begin]
    for block in blocks:
        taken = ramp.take(block)
        values += [taken] * block if isinstance(taken, float) else taken[:, 0].tolist()
    step = abs(end - begin) / max(1, frames)
    assert np.abs(np.diff(values)).max(initial=0.0) <= step + 1e-5
    if len(values) > frames + 1:
        assert values[max(1, frames) :] == pytest.approx([end] * (len(values) - max(1, frames)))
        assert ramp.at_rest
    low, high = sorted((begin, end))
    assert all(low - 1e-6 <= value <= high + 1e-6 for value in values)


@given(positions)
def test_the_curves_go_from_nothing_to_all(position: float) -> None:
    assert loudness_curve(0.0) == crossfade_curve(0.0) == 0.0
    assert loudness_curve(1.0) == crossfade_curve(1.0) == 1.0
    one, other = crossfade_curve(position), crossfade_curve(1.0 - position)
    assert one**2 + other**2 == pytest.approx(1.0)


@given(positions, st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=50))
def test_the_limit_holds_and_keeps_order_and_sign(ceiling: float, values: list[float]) -> None:
    audio = np.array(sorted(values), np.float32)[:, np.newaxis].repeat(2, axis=1)
    before = audio.copy()
    limit(audio, ceiling)
    assert np.abs(audio).max() <= ceiling * (1 + 1e-6) + 1e-9
    assert np.all(np.diff(audio[:, 0]) >= -1e-7)
    assert np.all(audio * before >= 0)
    low = np.abs(before) <= 0.9 * ceiling
    assert np.array_equal(audio[low], before[low])
