"""A training or test row, whatever it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from firmware_py.messages.heard import Language
from firmware_py.messages.mood import MoodLabel
from firmware_py.messages.plan import GOALS

Origin = Literal["phrases", "empathetic", "goemotions", "brighter"]
ORIGINS: Final[tuple[Origin, ...]] = ("phrases", "empathetic", "goemotions", "brighter")
GOAL_CLASSES: Final[tuple[str, ...]] = ("none", *GOALS)


@dataclass(frozen=True, slots=True)
class Row:
    """One sentence with what is known about it."""

    text: str
    language: Language
    origin: Origin
    moods: Mapping[MoodLabel, float]
    """Our label distribution, sums to 1; empty: its labels say nothing about ours."""
    strength: float = 1.0
    """How strongly the mood is felt: the label positions times this are the (valence, arousal)
    target; "a bit" 0.6, plain 1.0, "extremely" 1.2."""
    goal: str | None = None
    """``none`` or a goal for phrases of our own; None: not known."""
    own_labels: Mapping[str, float] = field(default_factory=dict)
    """The data set's own labels, for its auxiliary head."""
    phenomenon: str = "plain"
    """What the phrase shows: plain, negation, mixed, body, wish, small-talk ..."""
