"""Events become notes: real pitches, parts by what is heard on top and at the bottom."""

from __future__ import annotations

from typing import Final

from firmware_py.compose.bar_rules import Event
from firmware_py.compose.vocabulary import DURATION_STEPS, LOWEST_PITCH, chord_of, is_chord
from firmware_py.messages.score import Chord, Note, Role

_SOFTEST: Final = 30
_LOUDNESS_SPAN: Final = 60
_ROLE_ACCENT: Final[dict[Role, int]] = {"melody": 6, "inner": -8, "bass": -2}
_BASS_BELOW: Final = 55


def notes_of(
    events: tuple[Event, ...], line: tuple[Event, ...], shift: int, dynamics: float
) -> tuple[Note, ...]:
    """Return the notes, ``shift`` semitones above the signature without accidentals.

    ``line``: the events that are the tune. A pitch that is struck again ends where the new note
    begins.
    """
    on_top = set(line)
    sounding = [event for event in events if not is_chord(event[1])]
    notes = []
    for index, (place, symbol, duration) in enumerate(sounding):
        again = [at for at, other, _ in sounding[index + 1 :] if other == symbol and at > place]
        length = int(DURATION_STEPS[duration])
        length = min(length, again[0] - place) if again else length
        role = _role((place, symbol, duration), sounding, on_top)
        accent = 4 if place == 0 else 2 if place % 48 == 0 else 0
        velocity = _SOFTEST + _LOUDNESS_SPAN * dynamics + _ROLE_ACCENT[role] + accent
        pitch = symbol + LOWEST_PITCH + shift
        notes.append(Note(place, length, pitch, round(min(127.0, max(1.0, velocity))), role))
    return tuple(notes)


def chords_of(events: tuple[Event, ...], shift: int) -> tuple[Chord, ...]:
    """Return the bar's chords in the sounding key."""
    chords = []
    for place, symbol, _ in events:
        if is_chord(symbol):
            root, quality = chord_of(symbol)
            chords.append(Chord(place, (root + shift) % 12, quality))
    return tuple(chords)


def _role(event: Event, sounding: list[Event], on_top: set[Event]) -> Role:
    place, symbol, _ = event
    together = [
        other for at, other, length in sounding if at <= place < at + DURATION_STEPS[length]
    ]
    lowest = symbol == min(together)
    if lowest and symbol + LOWEST_PITCH < _BASS_BELOW:
        return "bass"
    return "melody" if event in on_top else "inner"
