"""Written music: notes in bars on a grid of 24 steps a quarter note."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from firmware_py.messages.plan import BEATS_PER_BAR, BarTarget

STEPS_PER_QUARTER: Final = 24
"""24 steps a quarter hold 99.5% of the corpus's onsets (binary and triplet divisions)."""
STEPS_PER_BAR: Final = STEPS_PER_QUARTER * BEATS_PER_BAR

Role = Literal["melody", "inner", "bass"]
ChordQuality = Literal["maj", "min", "dim", "aug", "dom7", "maj7", "min7", "sus4"]
CHORD_INTERVALS: Final[dict[ChordQuality, tuple[int, ...]]] = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "dom7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "sus4": (0, 5, 7),
}


@dataclass(frozen=True, slots=True)
class Note:
    """One note. ``start`` and ``duration`` in steps; a note may sound past its bar line."""

    start: int
    duration: int
    pitch: int
    """MIDI number, 21 to 108."""
    velocity: int
    """1 to 127."""
    role: Role


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord from ``start`` (steps into the bar) to the next. ``root``: pitch class, C = 0."""

    start: int
    root: int
    quality: ChordQuality


@dataclass(frozen=True, slots=True)
class Key:
    """``tonic``: pitch class, C = 0."""

    tonic: int
    mode: Literal["major", "minor"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One written bar of 4/4 with the target it was written for."""

    index: int
    key: Key
    chords: tuple[Chord, ...]
    notes: tuple[Note, ...]
    target: BarTarget
    section: str
    """Place in the form: ``A1`` the first bar of phrase A, ``A'3`` the third of its return."""
    phrase_position: float
    """0 at the first bar of a phrase, towards 1 at its last: expression swells with it."""
    is_cadence: bool
    """True in the last bar of a phrase, where rubato gives a little time."""
