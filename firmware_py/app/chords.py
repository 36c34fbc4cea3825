"""Names of chords and keys as musicians write them."""

from __future__ import annotations

from firmware_py.messages.score import Bar, Chord, ChordQuality, Key

_SHARPS = ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B")
_FLATS = ("C", "D♭", "D", "E♭", "E", "F", "G♭", "G", "A♭", "A", "B♭", "B")
_FLAT_MAJORS = frozenset({5, 10, 3, 8, 1})
"""Tonics of the major keys that are written with flats: F, B♭, E♭, A♭, D♭."""
_SUFFIX: dict[ChordQuality, str] = {
    "maj": "",
    "min": "m",
    "dim": "°",
    "aug": "+",
    "dom7": "7",
    "maj7": "maj7",
    "min7": "m7",
    "sus4": "sus4",
}


def key_name(key: Key) -> str:
    """Return ``E♭ major`` or ``C minor``."""
    return f"{_names(key)[key.tonic]} {key.mode}"


def chord_name(chord: Chord, key: Key) -> str:
    """Return ``Am7``, spelled with sharps or flats as the key is."""
    return _names(key)[chord.root] + _SUFFIX[chord.quality]


def bar_name(bar: Bar) -> str:
    """Return the bar's place in the form and its chords: ``A1 C G7``."""
    return " ".join([bar.section, *(chord_name(chord, bar.key) for chord in bar.chords)])


def _names(key: Key) -> tuple[str, ...]:
    relative_major = key.tonic if key.mode == "major" else (key.tonic + 3) % 12
    return _FLATS if relative_major in _FLAT_MAJORS else _SHARPS
