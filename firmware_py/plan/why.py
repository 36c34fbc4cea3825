"""Plain sentences that say why each target is what it is. No promise of any effect."""

from __future__ import annotations

from typing import Final

from firmware_py.messages.mood import Mood, MoodLabel
from firmware_py.messages.plan import BarTarget, Goal, Strategy
from firmware_py.plan.breath import BREATHS_PER_MINUTE

UNSURE_BELOW: Final = 0.5
"""Confidence under which the person is told that the mood was a guess."""

_YOU: Final[dict[MoodLabel, str]] = {
    "neutral": "You sound balanced",
    "lonely": "You sound lonely",
    "grieving": "You are grieving",
    "sleepless": "You cannot sleep",
}
_GOAL: Final[dict[Goal, str]] = {
    "calm": "calm",
    "sleep": "sleep",
    "focus": "a clear head",
    "lift": "a lighter mood",
}
_TEMPO: Final[dict[Goal, str]] = {
    "calm": "around 72, three bars are one slow breath",
    "sleep": "that slow is usual in the quietest of the music that people choose for sleep",
    "focus": "an even walking pace leaves your thoughts alone",
    "lift": "a livelier pulse tends to sound happier",
}


def explain(
    mood: Mood,
    goal: Goal,
    strategy: Strategy,
    first: BarTarget,
    last: BarTarget,
    *,
    night: bool,
) -> tuple[str, ...]:
    """Return the sentences: the way first, then one for each target, in the plan's order."""
    lines = [
        _way(mood, goal, strategy),
        _tempo(first, last, goal),
        _density(first, last),
        _register(first, last),
        _dynamics(first, last, night=night),
        _mode(first, last),
        _tension(first, last),
        _brightness(first, last, goal),
        _swell(),
    ]
    return tuple(lines)


def _way(mood: Mood, goal: Goal, strategy: Strategy) -> str:
    if strategy == "flat":
        return f"You asked for no lead, so the music stays with {_GOAL[goal]} from first to last."
    if mood.confidence < UNSURE_BELOW:
        you = "I am not sure how you feel, so the music starts gently, not far from the middle"
    else:
        you = _YOU.get(mood.label, f"You sound {mood.label}")
    if strategy == "calm-at-once":
        return f"{you}; as you asked, it turns to {_GOAL[goal]} at once."
    if mood.confidence < UNSURE_BELOW:
        return f"{you}, and leads slowly to {_GOAL[goal]}."
    return (
        f"{you}, so the music starts near where you are and leads slowly to {_GOAL[goal]}; "
        "meeting a mood first is an old idea that is not proven."
    )


def _tempo(first: BarTarget, last: BarTarget, goal: Goal) -> str:
    return f"Tempo: {_course(first.tempo, last.tempo, 'beats a minute', 0)}; {_TEMPO[goal]}."


def _density(first: BarTarget, last: BarTarget) -> str:
    reason = _by_change(
        last.density - first.density,
        0.1,
        "fewer notes leave more room",
        "the same all along, so that nothing startles",
        "more notes bring some movement",
    )
    return f"Density: {_course(first.density, last.density, 'notes a beat', 1)}; {reason}."


def _register(first: BarTarget, last: BarTarget) -> str:
    text = _by_change(
        last.register - first.register,
        0.5,
        "the notes settle lower, where they sound rounder",
        "the notes stay at one height",
        "the notes rise a little, where they sound lighter",
    )
    return f"Register: {text}."


def _dynamics(first: BarTarget, last: BarTarget, *, night: bool) -> str:
    text = _by_change(
        last.dynamics - first.dynamics,
        0.03,
        "the playing grows softer",
        "the playing keeps one softness",
        "the playing opens up a little",
    )
    return f"Dynamics: {text}{', and softer than by day since it is night' if night else ''}."


def _mode(first: BarTarget, last: BarTarget) -> str:
    colour = "minor" if first.mode < -0.1 else "major" if first.mode > 0.1 else "between the two"
    text = _by_change(
        last.mode - first.mode,
        0.05,
        "it turns more thoughtful",
        "it stays as it is",
        "it turns towards major, the warmer side",
    )
    return f"Mode: it begins {colour if colour == 'between the two' else f'in {colour}'}; {text}."


def _tension(first: BarTarget, last: BarTarget) -> str:
    text = _by_change(
        last.tension - first.tension,
        0.03,
        "the chords grow plainer, so that nothing asks for your attention",
        "the chords stay plain enough to rest on",
        "the chords gain a little colour, so that it does not go dull",
    )
    return f"Tension: {text}."


def _brightness(first: BarTarget, last: BarTarget, goal: Goal) -> str:
    darker = "the sound grows darker"
    if goal == "sleep":
        darker += ", as the music people choose for sleep is"
    text = _by_change(
        last.brightness - first.brightness,
        0.03,
        darker,
        "the sound keeps its colour",
        "the sound brightens",
    )
    return f"Brightness: {text}."


def _swell() -> str:
    return (
        f"Swell: the loudness rises and sinks {BREATHS_PER_MINUTE:g} times a minute, "
        "like a slow breath; breathe along if you like."
    )


def _course(first: float, last: float, unit: str, digits: int) -> str:
    before, after = f"{first:.{digits}f}", f"{last:.{digits}f}"
    return f"{after} {unit}" if before == after else f"from {before} to {after} {unit}"


def _by_change(change: float, small: float, falls: str, stays: str, rises: str) -> str:
    if abs(change) < small:
        return stays
    return falls if change < 0 else rises
