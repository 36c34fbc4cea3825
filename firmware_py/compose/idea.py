"""What a bar says, apart from how densely or how high: so that it can come back under any target.

An idea has a height (in scale steps around the melody's centre) and a rank for each sixteenth of
the bar. A target decides how many of the ranks sound; the heights decide what they sing.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from firmware_py.messages.score import Chord, Key

SLOTS: Final = 16
# Sixteenths of a 4/4 bar by metrical weight, lower first.
_WEIGHT: Final = (0, 4, 3, 4, 1.6, 4, 2.7, 4, 1, 4, 3, 4, 1.8, 4, 2.8, 4)


@dataclass(frozen=True, slots=True)
class Motif:
    """What the bars of a theme have in common."""

    heights: tuple[int, ...]
    order: tuple[int, ...]
    """The sixteenths (0 to 15), the first to sound first; 0 leads."""
    melody_share: float
    """Share of the bar's onsets that the melody takes."""
    upward: bool
    """Whether the accompaniment breaks its chords upwards."""
    late: bool
    """Whether the melody leaves the first beat of every second bar to the bass."""


@dataclass(frozen=True, slots=True)
class Idea:
    """One written bar's substance."""

    motif: Motif
    heights: tuple[int, ...]
    order: tuple[int, ...]
    chords: tuple[Chord, ...]
    key: Key


def new_motif(rng: Random) -> Motif:
    """Return the seed of a theme."""
    jitter = [weight + rng.uniform(0, 1.5) for weight in _WEIGHT]
    order = sorted(range(SLOTS), key=lambda slot: (slot != 0, jitter[slot]))
    return Motif(
        heights=_walk(rng),
        order=tuple(order),
        melody_share=rng.uniform(0.35, 0.5),
        upward=rng.random() < 0.7,
        late=rng.random() < 0.5,
    )


def develop(motif: Motif, rng: Random) -> tuple[int, ...]:
    """Return new heights out of a motif: a sequence, an inversion, or something of its own."""
    chance = rng.random()
    if chance < 0.5:
        lift = rng.choice((-2, -1, 1, 2))
        return tuple(height + lift for height in motif.heights)
    if chance < 0.7:
        return tuple(-height for height in motif.heights)
    return _walk(rng)


def vary(heights: tuple[int, ...], variation: float, rng: Random) -> tuple[int, ...]:
    """Return heights with some moved by a step or two; the same for ``variation`` 0."""
    return tuple(
        height + (rng.choice((-2, -1, 1, 2)) if rng.random() < 0.6 * variation else 0)
        for height in heights
    )


def loosen(order: tuple[int, ...], amount: float, rng: Random) -> tuple[int, ...]:
    """Return the order with neighbours exchanged here and there; the same for ``amount`` 0."""
    rank = {slot: place + rng.uniform(0, 4 * amount) for place, slot in enumerate(order)}
    return tuple(sorted(order, key=lambda slot: (slot != 0, rank[slot])))


def _walk(rng: Random) -> tuple[int, ...]:
    """Return a line of mostly steps that keeps near the middle."""
    height = rng.choice((-2, 0, 0, 2))
    line = []
    for _ in range(SLOTS):
        line.append(height)
        drift = -1 if height > 2 else 1 if height < -2 else 0
        height += rng.choices((-2, -1, 0, 1, 2), (1, 5, 10, 5, 1))[0] + drift
    return tuple(line)
