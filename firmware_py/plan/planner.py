"""Plans: from where the person is to the goal's region, bar by bar."""

from __future__ import annotations

from typing import Final

from firmware_py.messages.mood import Mood
from firmware_py.messages.plan import BEATS_PER_BAR, BarTarget, Goal, Plan, Strategy
from firmware_py.plan.breath import swell_at
from firmware_py.plan.goals import goal_point, goal_region, is_inside, nearest
from firmware_py.plan.levels import Levels, Region, TargetName, TargetOffsets
from firmware_py.plan.match import match
from firmware_py.plan.validate import (
    validate_goal,
    validate_minutes,
    validate_mood,
    validate_strategy,
)
from firmware_py.plan.why import explain

MAX_STEP: Final[dict[TargetName, float]] = {
    # Below what is noticed within a bar: at 60 bpm five taps must reach 62.0 before listeners hear
    # an acceleration (C. S. Sapp, Mazurka Project, tempo JND experiment, 2005). The rest is our
    # own choice: from one end of the range to the other in 20 to 40 bars.
    "tempo": 1.5,
    "density": 0.1,
    "register": 0.6,
    "dynamics": 0.025,
    "mode": 0.06,
    "tension": 0.025,
    "brightness": 0.025,
}
"""No target moves more from one bar to the next; ``swell`` follows the breath instead."""

MIN_LEAD_MINUTES: Final = 3.0
"""From this length on every plan reaches the goal's region; shorter ones lead at full step from
their first bar and come as near as the steps allow."""

# Our own choice of shape: stay with the person for a moment, lead along a minimum-jerk curve
# (Flash and Hogan, J. Neurosci. 5, 1985: the smoothest way between two points), then rest.
_HOLD_SHARE: Final = 0.08
_HOLD_AT_MOST_S: Final = 120.0
_LEAD_SHARE: Final = 0.7
_LEAD_AT_MOST_S: Final = 30 * 60.0


def make_plan(
    mood: Mood,
    goal: Goal,
    minutes: float,
    *,
    strategy: Strategy = "match-then-lead",
    night: bool = False,
    offsets: TargetOffsets | None = None,
) -> Plan:
    """Return the plan from ``mood`` to ``goal``; pure, the same for the same arguments.

    ``match-then-lead`` starts where the person is and leads along a smooth curve (the iso
    principle: offered, not proven); ``calm-at-once`` starts at the nearest edge of the goal's
    region; ``flat`` stays at the goal all along. ``minutes`` (above 0, at most 720) is rounded to
    whole bars. At night all that rouses stays lower. ``offsets`` move start and goal within their
    limits. Raises ``UserError`` for a mood, goal, strategy or minutes out of range.
    """
    validate_mood(mood)
    validate_goal(goal)
    validate_strategy(strategy)
    validate_minutes(minutes)
    liked = offsets or TargetOffsets()
    region = goal_region(goal, night=night)
    end = goal_point(region, liked)
    start = _start(match(mood, liked, night=night), end, region, strategy)
    bars = _lead(start, end, minutes * 60.0)
    why = explain(mood, goal, strategy, bars[0], bars[-1], night=night)
    return Plan(goal, minutes, mood, strategy, why, bars)


def hold_target(plan: Plan, bar_index: int) -> BarTarget:
    """Return the target of any bar: the plan's own, and after its end the goal's, for ever.

    A plan too short to arrive goes on towards the goal's region step by step; then nothing moves
    but the swell. Raises ``IndexError`` for a negative index.
    """
    if bar_index < 0:
        raise IndexError(f"bar {bar_index}")
    if bar_index < len(plan.bars):
        return plan.bars[bar_index]
    bar = plan.bars[-1]
    region = goal_region(plan.goal)
    while bar.bar < bar_index:
        levels = _levels(bar)
        if is_inside(levels, region):
            rest = bar_index - bar.bar
            return _bar(bar_index, bar.start_s + rest * bar.seconds, levels)
        bar = _bar(bar.bar + 1, bar.start_s + bar.seconds, _step(levels, nearest(levels, region)))
    return bar


def _start(matched: Levels, end: Levels, region: Region, strategy: Strategy) -> Levels:
    if strategy == "flat":
        return end
    if strategy == "calm-at-once":
        return nearest(matched, region)
    return matched


def _lead(start: Levels, end: Levels, length_s: float) -> tuple[BarTarget, ...]:
    """Return the bars from ``start`` to ``end``; always at least one."""
    bars = [_bar(0, 0.0, start)]
    levels = start
    while True:
        start_s = bars[-1].start_s + bars[-1].seconds
        progress = _progress(start_s, length_s)
        levels = _step(levels, _between(start, end, progress))
        if length_s - start_s < 0.5 * BEATS_PER_BAR * 60.0 / levels.tempo:
            return tuple(bars)
        bars.append(_bar(len(bars), start_s, levels))


def _progress(at_s: float, length_s: float) -> float:
    """Return how far the lead has come at a time, 0 to 1."""
    if length_s < MIN_LEAD_MINUTES * 60.0:
        return 1.0
    begin = min(_HOLD_SHARE * length_s, _HOLD_AT_MOST_S)
    arrive = min(_LEAD_SHARE * length_s, _LEAD_AT_MOST_S)
    x = min(1.0, max(0.0, (at_s - begin) / (arrive - begin)))
    return x * x * x * (10.0 - 15.0 * x + 6.0 * x * x)


def _between(start: Levels, end: Levels, progress: float) -> Levels:
    if progress >= 1.0:
        return end
    return Levels.each(lambda name: start[name] + (end[name] - start[name]) * progress)


def _step(levels: Levels, towards: Levels) -> Levels:
    """Return levels moved towards others by at most ``MAX_STEP`` each."""

    def moved(name: TargetName) -> float:
        change, limit = towards[name] - levels[name], MAX_STEP[name]
        if abs(change) <= limit:
            return towards[name]
        return levels[name] + (limit if change > 0 else -limit)

    return levels if levels == towards else Levels.each(moved)


def _levels(bar: BarTarget) -> Levels:
    return Levels.each(lambda name: getattr(bar, name))


def _bar(index: int, start_s: float, levels: Levels) -> BarTarget:
    return BarTarget(
        bar=index,
        start_s=start_s,
        tempo=levels.tempo,
        density=levels.density,
        register=levels.register,
        dynamics=levels.dynamics,
        mode=levels.mode,
        tension=levels.tension,
        brightness=levels.brightness,
        swell=swell_at(start_s),
    )
