"""The reasons name each target, tell the truth of the plan and promise nothing."""

from __future__ import annotations

import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from firmware_py.messages.mood import MOOD_LABELS, Mood, MoodLabel, label_position
from firmware_py.messages.plan import GOALS, STRATEGIES, Goal, Strategy
from firmware_py.plan.levels import TARGET_NAMES
from firmware_py.plan.planner import make_plan

CLAIMS = re.compile(r"\b(cure|heal|treat|therap|reliev|reduc|proven to|will help|improve)", re.I)


@given(
    st.sampled_from(MOOD_LABELS),
    st.sampled_from(GOALS),
    st.sampled_from(STRATEGIES),
    st.booleans(),
    st.floats(0, 1),
)
def test_one_short_sentence_for_each_target(
    label: MoodLabel, goal: Goal, strategy: Strategy, night: bool, confidence: float
) -> None:
    mood = Mood(label, *label_position(label), confidence)
    plan = make_plan(mood, goal, 10, strategy=strategy, night=night)
    assert len(plan.why) == 1 + len(TARGET_NAMES) + 1
    for name, line in zip((*TARGET_NAMES, "swell"), plan.why[1:], strict=True):
        assert line.lower().startswith(f"{name}: ")
    for line in plan.why:
        assert line.endswith(".")
        assert len(line) <= 160
        assert not CLAIMS.search(line)
        assert "  " not in line


def test_no_sentence_of_any_plan_is_long() -> None:
    every = itertools.product(MOOD_LABELS, GOALS, STRATEGIES, (False, True), (0.0, 0.4, 1.0))
    for label, goal, strategy, night, confidence in every:
        mood = Mood(label, *label_position(label), confidence)
        plan = make_plan(mood, goal, 10, strategy=strategy, night=night)
        assert max(len(line) for line in plan.why) <= 160


def test_the_numbers_are_the_plans() -> None:
    plan = make_plan(Mood("anxious", *label_position("anxious")), "sleep", 20)
    assert "anxious" in plan.why[0]
    first, last = plan.bars[0], plan.bars[-1]
    assert f"from {first.tempo:.0f} to {last.tempo:.0f} beats" in plan.why[1]
    assert f"from {first.density:.1f} to {last.density:.1f} notes" in plan.why[2]
    assert "softer" in plan.why[4]
    assert "in minor" in plan.why[5]


def test_the_way_is_told_honestly() -> None:
    mood = Mood("sad", -0.6, -0.3, 0.9)
    led, at_once, flat = (make_plan(mood, "calm", 10, strategy=s).why[0] for s in STRATEGIES)
    assert "not proven" in led
    assert "at once" in at_once
    assert "stays with calm" in flat
    unsure = make_plan(Mood("sad", -0.6, -0.3, 0.2), "calm", 10).why[0]
    assert "not sure" in unsure
    assert "sad" not in unsure
