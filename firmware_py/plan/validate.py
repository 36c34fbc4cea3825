"""Checks of what a person asked for; each raises ``UserError`` with what to change."""

from __future__ import annotations

from math import isfinite
from typing import Final

from firmware_py.messages.errors import UserError
from firmware_py.messages.mood import MOOD_LABELS, Mood
from firmware_py.messages.plan import GOALS, STRATEGIES

MAX_MINUTES: Final = 720.0


def validate_minutes(minutes: float) -> None:
    """Raise ``UserError`` unless minutes are above 0 and at most 720."""
    if not (isfinite(minutes) and 0 < minutes <= MAX_MINUTES):
        raise UserError(f"minutes must be above 0 and at most {MAX_MINUTES:.0f}, not {minutes:g}.")


def validate_mood(mood: Mood) -> None:
    """Raise ``UserError`` for an unknown label or a value outside its range."""
    if mood.label not in MOOD_LABELS:
        raise UserError(f"unknown mood {mood.label!r}; choose one of: {', '.join(MOOD_LABELS)}.")
    _within("valence", mood.valence, -1.0)
    _within("arousal", mood.arousal, -1.0)
    _within("confidence", mood.confidence, 0.0)


def validate_goal(goal: str) -> None:
    """Raise ``UserError`` for an unknown goal."""
    if goal not in GOALS:
        raise UserError(f"unknown goal {goal!r}; choose one of: {', '.join(GOALS)}.")


def validate_strategy(strategy: str) -> None:
    """Raise ``UserError`` for an unknown strategy."""
    if strategy not in STRATEGIES:
        raise UserError(f"unknown strategy {strategy!r}; choose one of: {', '.join(STRATEGIES)}.")


def _within(name: str, value: float, low: float) -> None:
    if not low <= value <= 1.0:  # NaN fails too
        raise UserError(f"{name} must be from {low:g} to 1, not {value:g}.")
