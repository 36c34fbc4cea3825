"""Single tokens of Humdrum ``**kern``: chords with rhythm and ties, key, metre and tempo."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal

Tie = Literal["", "[", "_", "]"]
"""None, start, start and end, end."""

_DURATION: Final = re.compile(r"(\d+)(?:%(\d+))?")
_PITCH: Final = re.compile(r"([a-g])\1*|([A-G])\2*")
_STEP: Final = {"c": 0, "d": 2, "e": 4, "f": 5, "g": 7, "a": 9, "b": 11}
_MIDDLE_C: Final = 60
# ``yy`` hides a signature from the printed page; it holds all the same.
_SIGNATURE: Final = re.compile(r"\*(?:yy)?k\[([^\]]*)\]$")
_ALTERED: Final = re.compile(r"([a-g])([#-])", re.IGNORECASE)
# Some files write M2\1 for M2/1.
_METRE: Final = re.compile(r"\*(?:yy)?M([1-9]\d?)[/\\]([1-9]\d?)$")
_KEY: Final = re.compile(r"\*([A-Ga-g])[#-]?:(.*)$")
_TEMPO: Final = re.compile(r"\*MM(\d{1,4}(?:\.\d+)?)$")
_LONGEST: Final = 64
"""Whole notes: four times the longest value of the notation, ``000`` with dots is under 16."""


@dataclass(frozen=True, slots=True)
class Chord:
    """One note, chord or rest. ``duration`` in quarter notes; ``notes``: MIDI pitch and tie."""

    duration: Fraction
    notes: tuple[tuple[int, Tie], ...]


@lru_cache(maxsize=1 << 16)
def parse_chord(token: str) -> Chord | None:
    """Read a ``**kern`` data token; None for a null token or a grace note, which take no time.

    Editorial marks, beams, slurs and articulations are passed over. A duration without a pitch is
    a rest (1 file in 100 has one), a chord's note without a duration lasts as its fellows.
    Raises ``ValueError`` with the reason where there is a pitch or a rest but no duration.
    """
    # In a chord of grace notes not every note need bear the mark.
    if "q" in token or "Q" in token:
        return None
    duration: Fraction | None = None
    notes: list[tuple[int, Tie]] = []
    rests = False
    for sub in token.split(" "):
        if not sub.strip("."):
            continue
        if duration is None:
            duration = _duration(sub)
        # A rest may carry a pitch: its place on the staff.
        if "r" in sub:
            rests = True
        elif (pitch := _pitch(sub)) is not None:
            notes.append((pitch, _tie(sub)))
    if duration is None:
        if notes or rests:
            raise ValueError(f"{token!r} has no duration")
        return None
    return Chord(duration, tuple(notes))


def _duration(token: str) -> Fraction | None:
    """Quarter notes of the reciprocal ``4``, ``8..``, ``3%2``, ``0`` (breve) or ``00`` (long)."""
    match = _DURATION.search(token)
    if match is None:
        return None
    number, over = match.groups()
    if not number.strip("0"):
        wholes = Fraction(2 ** len(number))
    else:
        wholes = Fraction(int(over or 1), int(number))
    if not 0 < wholes <= _LONGEST:
        raise ValueError(f"{token!r} has no possible duration")
    # Some files set the dots behind the pitch.
    return wholes * 4 * (2 - Fraction(1, 2 ** token.count(".")))


def _pitch(token: str) -> int | None:
    """MIDI number: ``c`` is middle C (60), ``cc`` 72, ``C`` 48, ``CC`` 36."""
    match = _PITCH.search(token)
    if match is None:
        return None
    letters = match.group()
    octave = len(letters) - 1 if letters.islower() else -len(letters)
    # Some files set the accidental apart from its letter; nothing else is written so.
    alteration = token.count("#") - token.count("-")
    return _MIDDLE_C + 12 * octave + _STEP[letters[0].lower()] + alteration


def _tie(token: str) -> Tie:
    starts, ends = "[" in token, "]" in token
    if "_" in token or (starts and ends):
        return "_"
    if starts:
        return "["
    return "]" if ends else ""


def parse_signature(token: str) -> int | None:
    """Fifths, -7 to 7, of ``*k[f#c#]``; None for any other interpretation."""
    match = _SIGNATURE.match(token)
    if match is None:
        return None
    altered = {letter.lower(): sign for letter, sign in _ALTERED.findall(match.group(1))}
    signs = list(altered.values())
    return signs.count("#") - signs.count("-")


def parse_mode(token: str) -> int | None:
    """0 for ``*G:``, 1 for ``*e:``, -1 for a church mode (``*d:dor``); None for anything else."""
    match = _KEY.match(token)
    if match is None:
        return None
    if match.group(2):
        return -1
    return 0 if match.group(1).isupper() else 1


def parse_metre(token: str) -> tuple[int, int] | None:
    """Numerator and denominator of ``*M6/8``; None for anything else."""
    match = _METRE.match(token)
    return None if match is None else (int(match.group(1)), int(match.group(2)))


def parse_tempo(token: str) -> float | None:
    """Quarter notes a minute of ``*MM80``; None for anything else."""
    match = _TEMPO.match(token)
    return None if match is None else float(match.group(1)) or None
