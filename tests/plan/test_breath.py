"""The swell is a breath of ten seconds, whatever the tempo."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_py.messages.mood import Mood
from firmware_py.plan.breath import swell_at
from firmware_py.plan.planner import hold_target, make_plan


@given(st.floats(0, 1e5))
def test_in_range_and_periodic(seconds: float) -> None:
    assert 0 <= swell_at(seconds) <= 1
    assert swell_at(seconds) == pytest.approx(swell_at(seconds + 10), abs=1e-6)


@given(st.floats(0, 1000))
def test_smooth_in_time(seconds: float) -> None:
    assert abs(swell_at(seconds + 0.01) - swell_at(seconds)) < 0.005
    left = swell_at(seconds + 0.01) - swell_at(seconds)
    right = swell_at(seconds + 0.02) - swell_at(seconds + 0.01)
    assert abs(right - left) < 1e-4


def test_out_longer_than_in() -> None:
    seconds = np.arange(0, 10, 0.01)
    breath = np.array([swell_at(s) for s in seconds])
    assert breath[0] == 0
    assert seconds[breath.argmax()] == pytest.approx(4.0, abs=0.02)


def test_peak_of_the_spectrum_is_six_a_minute() -> None:
    breath = np.array([swell_at(s) for s in np.arange(0, 600, 0.5)])
    power = np.abs(np.fft.rfft(breath - breath.mean()))
    frequency = np.fft.rfftfreq(len(breath), 0.5)[power.argmax()]
    assert frequency * 60 == pytest.approx(6.0, rel=0.01)


def test_three_bars_are_a_breath_at_72() -> None:
    plan = make_plan(Mood("neutral", 0, 0), "calm", 5, strategy="flat")
    assert {bar.tempo for bar in plan.bars} == {72.0}
    swells = [hold_target(plan, i).swell for i in range(300)]
    assert swells[3:] == pytest.approx(swells[:-3], abs=1e-9)
    assert len({round(s, 6) for s in swells[:3]}) == 3
