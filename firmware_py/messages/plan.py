"""The plan: what the music should be like, bar by bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from firmware_py.messages.mood import Mood

Goal = Literal["calm", "sleep", "focus", "lift"]
GOALS: Final[tuple[Goal, ...]] = get_args(Goal)

Strategy = Literal["match-then-lead", "calm-at-once", "flat"]
STRATEGIES: Final[tuple[Strategy, ...]] = get_args(Strategy)

BEATS_PER_BAR: Final = 4
"""Every planned bar is 4/4: at 72 bpm three bars are one breath at six a minute."""


TARGET_RANGES: Final[dict[str, tuple[float, float]]] = {
    "tempo": (40.0, 120.0),
    "density": (0.25, 4.0),
    "register": (48.0, 76.0),
    "dynamics": (0.0, 1.0),
    "mode": (-1.0, 1.0),
    "tension": (0.0, 1.0),
    "brightness": (0.0, 1.0),
    "swell": (0.0, 1.0),
}
"""Lowest and highest value of each target of ``BarTarget``."""


@dataclass(frozen=True, slots=True)
class BarTarget:
    """What one bar should be like."""

    bar: int
    """Index from 0."""
    start_s: float
    """Seconds from the start of the music to this bar line, before rubato."""
    tempo: float
    """Quarter notes a minute, 40 to 120."""
    density: float
    """Onsets per quarter note (notes struck together count once), 0.25 to 4."""
    register: float
    """Mean MIDI pitch of the bar's notes, 48 to 76."""
    dynamics: float
    """Loudness of playing, 0 (very soft) to 1 (strong)."""
    mode: float
    """-1 minor to 1 major."""
    tension: float
    """Harmonic tension, 0 (plain triads of the key) to 1 (dissonant, chromatic)."""
    brightness: float
    """Timbre, 0 (dark) to 1 (bright)."""
    swell: float
    """Where the bar stands in the breath: 0 fully out, 1 fully in."""

    @property
    def seconds(self) -> float:
        """Length of the bar in seconds at its tempo."""
        return BEATS_PER_BAR * 60.0 / self.tempo


@dataclass(frozen=True, slots=True)
class Plan:
    """A way from ``mood`` towards ``goal``; ``bars`` covers ``minutes``, rounded to whole bars."""

    goal: Goal
    minutes: float
    mood: Mood
    strategy: Strategy
    why: tuple[str, ...]
    """Plain sentences: why each target is what it is."""
    bars: tuple[BarTarget, ...]
