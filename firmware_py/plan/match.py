"""Where the music starts: close to where the person is, within what is calm for anyone."""

from __future__ import annotations

from typing import Final

from firmware_py.messages.mood import Mood
from firmware_py.plan.goals import AROUSING
from firmware_py.plan.levels import Levels, Range, Region, TargetName, TargetOffsets

# level = neutral + by_valence * valence + by_arousal * arousal. Linear and additive, as listeners'
# ratings are (Eerola, Friberg and Bresin 2013); which sign belongs to which target is theirs too
# (tempo, dynamics with arousal; mode with valence; register and timbre with both). The sizes are
# our own choice: a third of what a composer would take to portray the mood, since the aim is to be
# recognised by the person, not to feed the mood.
_MAP: Final[dict[TargetName, tuple[float, float, float]]] = {
    # target: neutral, by_valence, by_arousal
    "tempo": (78.0, 0.0, 17.0),
    "density": (1.4, 0.0, 0.8),
    "register": (61.0, 3.0, 2.0),
    "dynamics": (0.38, 0.0, 0.2),
    "mode": (0.1, 0.9, 0.0),
    "tension": (0.25, -0.15, 0.15),
    "brightness": (0.38, 0.1, 0.14),
}

START_LIMITS: Final[Region] = {
    "tempo": Range(60.0, 96.0),  # sleep playlists' median over all clusters is 96.6 (Scarratt 2023)
    "density": Range(0.5, 2.2),
    "register": Range(55.0, 67.0),
    "dynamics": Range(0.15, 0.58),
    "mode": Range(-0.8, 1.0),
    "tension": Range(0.05, 0.5),
    "brightness": Range(0.12, 0.62),
}
"""No start lies outside, however strong the mood or the liking: anger gets no 140 bpm."""


def start_limits(*, night: bool = False) -> Region:
    """Return the limits of a start; at night the top quarter of what rouses is left out."""
    if not night:
        return START_LIMITS
    return {
        name: Range(span.low, (span.middle + span.high) / 2) if name in AROUSING else span
        for name, span in START_LIMITS.items()
    }


def match(mood: Mood, offsets: TargetOffsets, *, night: bool = False) -> Levels:
    """Return the start for a mood, moved by what is liked, within ``start_limits``.

    Rises with arousal: tempo, density, register, dynamics, tension, brightness. With valence:
    register, mode, brightness; tension falls. A mood read with little confidence counts less, so
    the start lies nearer to neutral.
    """
    valence = mood.valence * mood.confidence
    arousal = mood.arousal * mood.confidence
    limits = start_limits(night=night)

    def level(name: TargetName) -> float:
        neutral, by_valence, by_arousal = _MAP[name]
        value = neutral + by_valence * valence + by_arousal * arousal + offsets[name]
        return limits[name].nearest(value)

    return Levels.each(level)
