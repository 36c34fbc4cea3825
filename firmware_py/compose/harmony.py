"""Functional harmony: keys, progressions that lead to cadences, scales and voicings.

Chords are chosen relative to the tonic and returned as ``Chord``. Everything random comes from the
``Random`` that is handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from math import exp
from random import Random
from typing import Final

from firmware_py.compose.form import CadenceKind
from firmware_py.messages.score import (
    CHORD_INTERVALS,
    STEPS_PER_BAR,
    Chord,
    ChordQuality,
    Key,
)

HALF_BAR: Final = STEPS_PER_BAR // 2
_SCALES: Final = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}

Roman = tuple[int, ChordQuality]
"""Root in semitones above the tonic, and quality."""

# Triads by root, and which root follows which, with weights: the usual order tonic, predominant,
# dominant, tonic, with plagal and deceptive turns; no source but common practice.
_TRIADS: Final[dict[str, dict[int, ChordQuality]]] = {
    "major": {0: "maj", 2: "min", 4: "min", 5: "maj", 7: "maj", 9: "min"},
    "minor": {0: "min", 2: "dim", 3: "maj", 5: "min", 7: "maj", 8: "maj", 10: "maj"},
}
_FOLLOWS: Final[dict[str, dict[int, dict[int, float]]]] = {
    "major": {
        0: {5: 3, 9: 3, 2: 2, 7: 2, 4: 1},
        2: {7: 5, 5: 1, 9: 1},
        4: {9: 3, 5: 3},
        5: {7: 3, 0: 3, 2: 2, 9: 1},
        7: {0: 3, 9: 2, 5: 1},
        9: {5: 3, 2: 3, 7: 1, 4: 1},
    },
    "minor": {
        0: {5: 3, 8: 3, 3: 2, 10: 2, 7: 1},
        2: {7: 1},
        3: {8: 3, 5: 2, 10: 1},
        5: {0: 3, 7: 2, 10: 2, 2: 0.5},
        7: {0: 3, 8: 2},
        8: {5: 3, 3: 2, 10: 2, 0: 1},
        10: {3: 3, 0: 2, 8: 2},
    },
}
_SEVENTHS: Final[dict[ChordQuality, ChordQuality]] = {"maj": "maj7", "min": "min7"}
_BORROWED: Final[dict[str, dict[int, Roman]]] = {
    "major": {5: (5, "min"), 9: (8, "maj"), 2: (10, "maj")},
    "minor": {5: (5, "maj"), 2: (1, "maj")},
}
_PREDOMINANTS: Final[dict[str, tuple[Roman, ...]]] = {
    "major": ((5, "maj"), (2, "min")),
    "minor": ((5, "min"), (2, "dim")),
}


def choose_key(mode: float, rng: Random) -> Key:
    """Return a key for a ``BarTarget.mode``; the tonic is any."""
    return Key(rng.randrange(12), "major" if mode >= 0 else "minor")


def follow_mode(key: Key, mode: float) -> Key:
    """Return the relative key when ``mode`` has clearly crossed over, else the same key."""
    if key.mode == "major" and mode < -0.15:
        return Key((key.tonic + 9) % 12, "minor")
    if key.mode == "minor" and mode > 0.15:
        return Key((key.tonic + 3) % 12, "major")
    return key


def neighbour_key(key: Key, rng: Random) -> Key:
    """Return the key a fifth above or below: all its notes but one are the same."""
    return Key((key.tonic + rng.choice((5, 7))) % 12, key.mode)


def chord_pitch_classes(chord: Chord) -> tuple[int, ...]:
    """Return the pitch classes from the root up."""
    return tuple((chord.root + step) % 12 for step in CHORD_INTERVALS[chord.quality])


def is_dominant(chord: Chord, key: Key) -> bool:
    """Return whether the chord is the key's V, with or without seventh."""
    return (chord.root - key.tonic) % 12 == 7 and chord.quality in ("maj", "dom7")


def scale_over(key: Key, chord: Chord | None = None) -> frozenset[int]:
    """Return the pitch classes that fit: the key's scale, bent by what is foreign in the chord.

    A foreign third of a major chord is raised (it leads up) and takes the place of the note below
    it; any other foreign note is lowered and takes the place of the note above.
    """
    scale = {(key.tonic + step) % 12 for step in _SCALES[key.mode]}
    if chord is None:
        return frozenset(scale)
    tones = chord_pitch_classes(chord)
    raised = {tones[1]} if chord.quality in ("maj", "dom7", "aug") else set()
    for tone in tones:
        if tone not in scale:
            scale.discard((tone - 1 if tone in raised else tone + 1) % 12)
    return frozenset(scale | set(tones))


def cadence_chords(
    key: Key, cadence: CadenceKind, before: Chord | None, tension: float = 0.0
) -> tuple[Chord, ...]:
    """Return the chords of the last bar of a phrase.

    ``half``: the dominant. ``full`` and ``final``: the tonic, and the dominant first when the
    chord ``before`` is another. Raises ``ValueError`` for ``none``.
    """
    if cadence == "none":
        raise ValueError("a bar without cadence has no cadence chords")
    dominant: Roman = (7, "dom7" if tension > 0.15 else "maj")
    if cadence == "half":
        return (_chord(key, (7, "maj"), 0),)
    tonic: Roman = (0, _TRIADS[key.mode][0])
    if before is not None and is_dominant(before, key):
        return (_chord(key, tonic, 0),)
    return (_chord(key, dominant, 0), _chord(key, tonic, HALF_BAR))


def approach_chords(
    key: Key, cadence: CadenceKind, tension: float, rng: Random
) -> tuple[Chord, ...]:
    """Return the chords of the bar before the last: to the dominant for a half cadence, else on it.

    Tension puts the dominant's own dominant before a half cadence and a seventh on the dominant.
    """
    root, quality = rng.choice(_PREDOMINANTS[key.mode])
    predominant = (root, _SEVENTHS.get(quality, quality) if rng.random() < tension else quality)
    if cadence == "half":
        if rng.random() < tension - 0.2:
            predominant = (2, "dom7")
        return (_chord(key, predominant, 0),)
    dominant: Roman = (7, "dom7" if rng.random() < 0.4 + tension else "maj")
    return (_chord(key, predominant, 0), _chord(key, dominant, HALF_BAR))


def next_chord(
    key: Key, before: Chord | None, mode: float, tension: float, rng: Random, start: int = 0
) -> Chord:
    """Return the chord that goes on from ``before`` (None: the tonic), starting at ``start``.

    ``mode`` shifts the choice between major and minor chords. ``tension`` (0 to 1) adds sevenths,
    then secondary dominants (always resolved by the next call), then borrowed chords.
    """
    if before is None:
        return _chord(key, (0, _TRIADS[key.mode][0]), start)
    root = (before.root - key.tonic) % 12
    if before.quality == "dom7" and root != 7:  # a secondary dominant resolves
        goal = (root + 5) % 12
        return _chord(key, (goal, _TRIADS[key.mode].get(goal, "maj")), start)
    roman = _diatonic(key, root, mode, rng)
    roman = _coloured(key, roman, tension, rng)
    return _chord(key, roman, start)


def _diatonic(key: Key, root: int, mode: float, rng: Random) -> Roman:
    triads = _TRIADS[key.mode]
    follows = _FOLLOWS[key.mode].get(root, {0: 2.0, 5: 1.0, 7: 1.0})

    def weight(goal: int) -> float:
        bright = 1.0 if triads[goal] == "maj" else -1.0
        return follows[goal] * exp(0.7 * mode * bright)

    goals = list(follows)
    goal = rng.choices(goals, [weight(goal) for goal in goals])[0]
    return goal, triads[goal]


def _coloured(key: Key, roman: Roman, tension: float, rng: Random) -> Roman:
    root, quality = roman
    chance = rng.random()
    if chance < 0.5 * (tension - 0.25) and root in _BORROWED[key.mode]:
        return _BORROWED[key.mode][root]
    if 0.5 < chance < 0.5 + 0.5 * (tension - 0.2) and root not in (0, 7) and quality != "dim":
        return (root + 7) % 12, "dom7"
    if rng.random() < 1.3 * tension:
        return (7, "dom7") if root == 7 else (root, _SEVENTHS.get(quality, quality))
    return roman


def _chord(key: Key, roman: Roman, start: int) -> Chord:
    return Chord(start, (key.tonic + roman[0]) % 12, roman[1])


def nearest_pitch(pitch: float, classes: Iterable[int]) -> int:
    """Return the pitch nearest to ``pitch`` whose class is one of ``classes``; the lower of two."""
    return min(
        (round(pitch + (c - pitch + 6) % 12 - 6) for c in classes),
        key=lambda p: (abs(p - pitch), p),
    )


def voicings(chord: Chord, centre: float, voices: int = 3) -> list[tuple[int, ...]]:
    """Return close voicings around a centre, each ascending, of the chord's first tones.

    A seventh takes the place of the fifth when three voices must do.
    """
    tones = chord_pitch_classes(chord)
    if len(tones) > voices:
        tones = (*tones[: voices - 1], tones[-1])
    tones = (tones * 2)[:voices]
    found = set()
    for lift, turn in product((-12, 0, 12), range(len(tones))):
        pitches = [nearest_pitch(centre - 4 + lift, [tones[turn]])]
        for step in range(1, len(tones)):
            tone = tones[(turn + step) % len(tones)]
            pitches.append(pitches[-1] + ((tone - pitches[-1]) % 12 or 12))
        found.add(tuple(pitches))
    return sorted(found)


def motion(before: Sequence[int], after: Sequence[int]) -> int:
    """Return how far the voices move in all, in semitones, each to its nearest in ``after``."""
    return sum(min(abs(a - b) for a in after) for b in before)
