"""What a person sees while music plays: snapshots, and the words and curves made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from firmware_py.messages.plan import TARGET_RANGES, Plan
from firmware_py.messages.score import Bar

_LEVELS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Scene:
    """What stays the same for a whole session."""

    heard: str | None
    """The sentence that was spoken or typed; None when a label or point was given."""
    plan: Plan
    seed: int
    composer: str


@dataclass(frozen=True, slots=True)
class Moment:
    """What changes from one glance to the next."""

    sounding: Bar | None
    """The bar that is heard now; None before the first and after the last."""
    piece: int
    """Counts the pieces of the session from 1; the next one begins a new ``written``."""
    written: Sequence[Bar]
    """Every bar of the piece that was written so far."""
    position_s: float
    """Seconds of music heard."""
    ahead_s: float
    """Seconds of music that are ready but not yet heard."""
    volume: int
    """Percent."""
    paused: bool
    remark: str
    """What the last key did; empty at first."""


def plan_sentence(plan: Plan) -> str:
    """Return where the plan leads, in one line."""
    first, last = plan.bars[0], plan.bars[-1]
    return (
        f"from {plan.mood.label} towards {plan.goal} in {plan.minutes:g} min: "
        f"tempo {first.tempo:.0f} → {last.tempo:.0f}, {len(plan.bars)} bars"
    )


def curve(plan: Plan, target: str, width: int) -> str:
    """Return how ``target`` moves over the plan, as a line of at most ``width`` blocks.

    A small move looks small: the full height is at least a quarter of the target's range.
    """
    values = [getattr(bar, target) for bar in plan.bars]
    low, high = TARGET_RANGES[target]
    span = max(max(values) - min(values), (high - low) / 4)
    bottom = min(max(min(values) - (span - max(values) + min(values)) / 2, low), high - span)
    width = min(width, len(values))
    picked = (values[index * len(values) // width] for index in range(width))
    return "".join(_LEVELS[round((value - bottom) / span * 7)] for value in picked)


def clock(seconds: float) -> str:
    """Return minutes and seconds: ``3:07``."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
