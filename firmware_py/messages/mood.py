"""A mood as it was read: a label, its place in the valence-arousal plane, and why."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin
from typing import Final, Literal, get_args

MoodLabel = Literal[
    "calm",
    "content",
    "happy",
    "excited",
    "sad",
    "lonely",
    "grieving",
    "anxious",
    "afraid",
    "angry",
    "stressed",
    "overwhelmed",
    "tired",
    "sleepless",
    "neutral",
]
MOOD_LABELS: Final[tuple[MoodLabel, ...]] = get_args(MoodLabel)

# Angle in degrees in Russell's circumplex (J. A. Russell, "A circumplex model of affect", JPSP 39,
# 1980, figure of the 28 circularly scaled words) and our radius (how strong the word is: our own
# choice). Words that Russell did not scale stand at the nearest of his, named on the right.
_CIRCUMPLEX: Final[dict[MoodLabel, tuple[float, float]]] = {
    "calm": (316.2, 0.6),
    "content": (323.0, 0.6),
    "happy": (7.8, 0.8),
    "excited": (48.6, 0.9),
    "sad": (207.5, 0.7),
    "lonely": (209.0, 0.6),  # gloomy
    "grieving": (188.7, 0.9),  # miserable
    "anxious": (138.0, 0.8),  # distressed
    "afraid": (116.0, 0.9),
    "angry": (99.0, 0.9),
    "stressed": (123.0, 0.7),  # annoyed; between tense (92.8) and frustrated (141)
    "overwhelmed": (141.0, 0.8),  # frustrated
    "tired": (267.7, 0.7),
    "sleepless": (141.0, 0.5),  # frustrated, milder: tired in body, aroused in mind
    "neutral": (0.0, 0.0),
}


def label_position(label: MoodLabel) -> tuple[float, float]:
    """Return (valence, arousal) of a label, each in [-1, 1]."""
    angle, radius = _CIRCUMPLEX[label]
    return radius * cos(radians(angle)), radius * sin(radians(angle))


@dataclass(frozen=True, slots=True)
class Because:
    """Words of the person that moved the reading; ``weight`` in [0, 1], their share of it."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Mood:
    """What a person feels. ``valence`` and ``arousal`` in [-1, 1], ``confidence`` in [0, 1]."""

    label: MoodLabel
    valence: float
    arousal: float
    confidence: float = 1.0
    because: tuple[Because, ...] = ()
    goal_hint: str | None = None
    """A goal the sentence itself asks for ("help me sleep" -> ``sleep``), else None."""


def shareable(mood: Mood | None) -> dict[str, str | float] | None:
    """Return what of a mood may be kept and sent: never the words, nor what they asked for."""
    if mood is None:
        return None
    return {
        "label": mood.label,
        "valence": mood.valence,
        "arousal": mood.arousal,
        "confidence": mood.confidence,
    }
