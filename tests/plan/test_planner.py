"""Properties of plans."""

from __future__ import annotations

import dataclasses
import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_py.messages.errors import UserError
from firmware_py.messages.mood import MOOD_LABELS, Mood, label_position
from firmware_py.messages.plan import GOALS, STRATEGIES, BarTarget, Goal, Plan, Strategy
from firmware_py.plan.goals import goal_region
from firmware_py.plan.levels import TARGET_NAMES, TargetOffsets
from firmware_py.plan.match import START_LIMITS
from firmware_py.plan.planner import MAX_STEP, MIN_LEAD_MINUTES, hold_target, make_plan

UNIT = st.floats(-1, 1)
MOODS = st.builds(Mood, st.sampled_from(MOOD_LABELS), UNIT, UNIT, st.floats(0, 1))
MINUTES = st.floats(0.05, 20)
OFFSETS = st.builds(
    TargetOffsets,
    tempo=st.floats(-60, 60),
    density=st.floats(-3, 3),
    register=st.floats(-20, 20),
    dynamics=st.floats(-1, 1),
    mode=st.floats(-2, 2),
    tension=st.floats(-1, 1),
    brightness=st.floats(-1, 1),
)
PLANS = st.builds(
    make_plan,
    MOODS,
    st.sampled_from(GOALS),
    MINUTES,
    strategy=st.sampled_from(STRATEGIES),
    night=st.booleans(),
    offsets=OFFSETS,
)
# The contract of messages/plan.py, written out again on purpose.
CONTRACT = {
    "tempo": (40, 120),
    "density": (0.25, 4),
    "register": (48, 76),
    "dynamics": (0, 1),
    "mode": (-1, 1),
    "tension": (0, 1),
    "brightness": (0, 1),
    "swell": (0, 1),
}
ANGRY = Mood("angry", *label_position("angry"))
ANXIOUS = Mood("anxious", *label_position("anxious"))
SAD = Mood("sad", *label_position("sad"))


def distance(bar: BarTarget, plan: Plan, *, night: bool = False) -> dict[str, float]:
    region = goal_region(plan.goal, night=night)
    return {
        name: abs(getattr(bar, name) - region[name].nearest(getattr(bar, name)))
        for name in TARGET_NAMES
    }


@given(PLANS)
def test_every_target_stays_in_range_and_within_calm_limits(plan: Plan) -> None:
    for bar in plan.bars:
        for name, (low, high) in CONTRACT.items():
            assert low <= getattr(bar, name) <= high, name
    top = max(START_LIMITS["tempo"].high, goal_region(plan.goal)["tempo"].high)
    assert max(bar.tempo for bar in plan.bars) <= top


@given(PLANS, st.integers(1, 100))
def test_no_target_moves_more_than_its_step(plan: Plan, after: int) -> None:
    bars = [hold_target(plan, i) for i in range(len(plan.bars) + after)]
    for a, b in pairwise(bars):
        for name in TARGET_NAMES:
            assert abs(getattr(b, name) - getattr(a, name)) <= MAX_STEP[name] + 1e-9, name


@given(PLANS, st.integers(1, 100))
def test_bars_are_numbered_and_follow_each_other_exactly(plan: Plan, after: int) -> None:
    bars = [hold_target(plan, i) for i in range(len(plan.bars) + after)]
    assert [bar.bar for bar in bars] == list(range(len(bars)))
    assert bars[0].start_s == 0
    for a, b in pairwise(bars):
        assert b.start_s == pytest.approx(a.start_s + a.seconds, abs=1e-6)
    for a, b in pairwise(plan.bars):
        assert b.start_s == a.start_s + a.seconds


@given(PLANS)
def test_bars_cover_the_minutes_to_half_a_bar(plan: Plan) -> None:
    last = plan.bars[-1]
    missing = plan.minutes * 60 - (last.start_s + last.seconds)
    assert len(plan.bars) == 1 or abs(missing) <= last.seconds / 2 + 0.1


@given(
    MOODS,
    st.sampled_from(GOALS),
    st.floats(MIN_LEAD_MINUTES, 30),
    st.sampled_from(STRATEGIES),
    st.booleans(),
    OFFSETS,
)
def test_reaches_the_goals_region(
    mood: Mood, goal: Goal, minutes: float, strategy: Strategy, night: bool, offsets: TargetOffsets
) -> None:
    plan = make_plan(mood, goal, minutes, strategy=strategy, night=night, offsets=offsets)
    assert max(distance(plan.bars[-1], plan, night=night).values()) == 0


@given(MOODS, st.sampled_from(GOALS), st.floats(0.05, MIN_LEAD_MINUTES - 0.01))
def test_a_short_plan_comes_as_near_as_the_steps_allow(
    mood: Mood, goal: Goal, minutes: float
) -> None:
    plan = make_plan(mood, goal, minutes)
    first, last = (distance(bar, plan) for bar in (plan.bars[0], plan.bars[-1]))
    for name in TARGET_NAMES:
        possible = max(0.0, first[name] - MAX_STEP[name] * (len(plan.bars) - 1))
        assert last[name] <= possible + 1e-9, name


@given(PLANS)
def test_a_short_plan_arrives_after_its_end(plan: Plan) -> None:
    late = hold_target(plan, len(plan.bars) + 100)
    assert max(distance(late, plan).values()) <= 1e-9
    much_later = hold_target(plan, 100_000)
    assert all(getattr(late, name) == getattr(much_later, name) for name in TARGET_NAMES)


@given(MOODS, st.sampled_from(GOALS), MINUTES, OFFSETS)
def test_same_arguments_same_plan(
    mood: Mood, goal: Goal, minutes: float, offsets: TargetOffsets
) -> None:
    plans = [make_plan(mood, goal, minutes, offsets=offsets) for _ in range(2)]
    assert plans[0] == plans[1]


@given(MOODS, UNIT, st.sampled_from(GOALS), st.sampled_from(STRATEGIES), st.booleans(), OFFSETS)
def test_start_rises_with_arousal_and_valence(
    mood: Mood,
    other: float,
    goal: Goal,
    strategy: Strategy,
    night: bool,
    offsets: TargetOffsets,
) -> None:
    def start(changed: Mood) -> BarTarget:
        plan = make_plan(changed, goal, 1, strategy=strategy, night=night, offsets=offsets)
        return plan.bars[0]

    low, high = (start(dataclasses.replace(mood, arousal=a)) for a in sorted((mood.arousal, other)))
    for name in ("tempo", "density", "register", "dynamics", "tension", "brightness"):
        assert getattr(low, name) <= getattr(high, name), name
    low, high = (start(dataclasses.replace(mood, valence=v)) for v in sorted((mood.valence, other)))
    for name in ("register", "mode", "brightness"):
        assert getattr(low, name) <= getattr(high, name), name
    assert low.tension >= high.tension


def test_the_map_from_mood_really_moves() -> None:
    quiet, roused = (make_plan(Mood("neutral", 0, a), "calm", 5).bars[0] for a in (-1, 1))
    assert roused.tempo - quiet.tempo >= 25
    assert roused.density - quiet.density >= 1
    dark, glad = (make_plan(Mood("neutral", v, 0), "calm", 5).bars[0] for v in (-1, 1))
    assert glad.mode - dark.mode >= 1.5


def test_anger_is_met_calmly() -> None:
    assert make_plan(ANGRY, "calm", 30).bars[0].tempo <= 96


def test_an_unsure_reading_starts_nearer_to_neutral() -> None:
    neutral = make_plan(Mood("neutral", 0, 0), "calm", 5).bars[0]
    tempos = [
        abs(make_plan(Mood("angry", -0.2, 0.9, c), "calm", 5).bars[0].tempo - neutral.tempo)
        for c in (0, 0.3, 0.6, 1)
    ]
    assert tempos == sorted(tempos)
    assert tempos[0] == 0


def test_the_lead_stays_then_moves_then_rests() -> None:
    bars = make_plan(ANXIOUS, "sleep", 45).bars
    tempo = [bar.tempo for bar in bars]
    assert tempo == sorted(tempo, reverse=True)
    at = {minute: next(b for b in bars if b.start_s >= 60 * minute) for minute in (1, 15, 32)}
    assert at[1].tempo == tempo[0]
    assert tempo[-1] + 5 < at[15].tempo < tempo[0] - 5
    assert at[32].tempo == tempo[-1]


def test_strategies_differ() -> None:
    led, at_once, flat = (make_plan(ANXIOUS, "sleep", 10, strategy=s).bars for s in STRATEGIES)
    assert led[0].tempo > at_once[0].tempo > flat[0].tempo
    assert {bar.tempo for bar in flat} == {led[-1].tempo} == {at_once[-1].tempo}
    assert flat[-1].mode == flat[0].mode


@pytest.mark.parametrize("goal", GOALS)
def test_night_is_softer_darker_and_slower(goal: Goal) -> None:
    day, night = (make_plan(ANXIOUS, goal, 20, night=n).bars[-1] for n in (False, True))
    for name in ("tempo", "density", "register", "dynamics", "brightness"):
        assert getattr(night, name) < getattr(day, name), name


def test_sleep_is_below_calm_is_below_lift() -> None:
    ends = [make_plan(SAD, goal, 20).bars[-1] for goal in ("sleep", "calm", "focus", "lift")]
    for name in ("tempo", "density", "dynamics", "brightness"):
        values = [getattr(end, name) for end in ends]
        assert values == sorted(set(values)), name


@given(st.floats(-20, 20))
@settings(max_examples=30)
def test_liking_moves_the_goal_within_its_region(offset: float) -> None:
    plain = make_plan(SAD, "calm", 10).bars[-1].tempo
    moved = make_plan(SAD, "calm", 10, offsets=TargetOffsets(tempo=offset)).bars[-1].tempo
    span = goal_region("calm")["tempo"]
    assert moved == pytest.approx(span.nearest(plain + offset))


def test_offsets_must_be_finite() -> None:
    with pytest.raises(ValueError, match="mode is not finite"):
        TargetOffsets(mode=math.nan)


@pytest.mark.parametrize("minutes", [math.nan, math.inf, -math.inf, 0, -5, 720.1, 10_000])
def test_minutes_out_of_range(minutes: float) -> None:
    with pytest.raises(UserError, match="above 0 and at most 720"):
        make_plan(SAD, "calm", minutes)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1.01, -1.01])
@pytest.mark.parametrize("field", ["valence", "arousal"])
def test_mood_out_of_range(field: str, value: float) -> None:
    with pytest.raises(UserError, match=f"{field} must be from -1 to 1, not"):
        make_plan(dataclasses.replace(SAD, **{field: value}), "calm", 5)


@pytest.mark.parametrize("value", [math.nan, -0.1, 1.1])
def test_confidence_out_of_range(value: float) -> None:
    with pytest.raises(UserError, match="confidence must be from 0 to 1"):
        make_plan(dataclasses.replace(SAD, confidence=value), "calm", 5)


def test_unknown_names_list_the_choices() -> None:
    with pytest.raises(UserError, match=r"unknown mood 'hangry'.*anxious"):
        make_plan(Mood("hangry", 0, 0), "calm", 5)  # type: ignore[arg-type]
    with pytest.raises(UserError, match=r"unknown goal 'party'.*sleep"):
        make_plan(SAD, "party", 5)  # type: ignore[arg-type]
    with pytest.raises(UserError, match=r"unknown strategy 'shock'.*flat"):
        make_plan(SAD, "calm", 5, strategy="shock")  # type: ignore[arg-type]


def test_lengths_from_seconds_to_twelve_hours() -> None:
    assert len(make_plan(SAD, "calm", 1e-9).bars) == 1
    assert 3 <= len(make_plan(SAD, "calm", 0.25).bars) <= 6
    night = make_plan(SAD, "sleep", 720).bars
    assert abs(night[-1].start_s + night[-1].seconds - 43_200) < 3


def test_negative_bar_is_refused() -> None:
    with pytest.raises(IndexError):
        hold_target(make_plan(SAD, "calm", 1), -1)
