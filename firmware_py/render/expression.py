"""From a written bar to a performed one: dynamics, rubato, balance, roll, pedal and a pad.

Pure functions: the same bar, bar before it and seed give the same events.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from math import cos, pi, sin
from typing import Final

import numpy as np

from firmware_py.messages.score import (
    CHORD_INTERVALS,
    STEPS_PER_BAR,
    STEPS_PER_QUARTER,
    Bar,
    Chord,
    Note,
    Role,
)
from firmware_py.render.events import EXPRESSION, SUSTAIN, Channel, Control, Event, Release, Strike

_CHANNEL: Final[dict[Role, Channel]] = {
    "melody": Channel.MELODY,
    "inner": Channel.INNER,
    "bass": Channel.BASS,
}
_BALANCE: Final[dict[Role, int]] = {"melody": 6, "inner": -9, "bass": -3}
"""Velocity of a part against the level of the bar: the tune lies on top of its accompaniment."""

ANTICIPATION_S: Final = 0.03
"""All events are this late against the bar line, so that human timing never comes before it."""
_JITTER_S: Final = 0.004
"""Standard deviation of human timing; cut at two and a half of it."""
_ACCOMPANIMENT_LAG_S: Final = 0.012
"""Pianists play the melody some 20 to 30 ms before its chord (W. Goebl, "Melody lead in piano
performance: expressive device or artifact?", JASA 110, 2001); a little less in soft playing."""
_PEDAL_LIFT_S: Final = 0.09
"""Legato pedalling: up as the new harmony is struck, down again once the keys hold it."""

RUBATO: Final = 0.012
CADENCE_RUBATO: Final = 0.06
"""Largest part by which a moment of the bar is slower or faster than its tempo. The bar line
itself does not move: a bar always lasts what was planned."""


def warp(position: float, rubato: float) -> float:
    """Return where in the bar a written position is played; both in bars, 0 at the bar line.

    The first half moves on and the second half takes the time back: tempo is even at both bar
    lines, fastest at a quarter and slowest at three quarters of the bar.
    """
    whole = position // 1
    within = position - whole
    return whole + within - rubato / (2 * pi) * (1 - cos(2 * pi * within))


def perform(bar: Bar, previous: Bar | None, seed: int) -> tuple[Event, ...]:
    """Return the events of a bar, sorted by time in seconds from its bar line.

    ``previous`` is the bar played before it (None: the music begins). Strikes may ring past the
    bar line; pad notes are released by the bar in which their harmony ends.
    """
    events: list[Event] = []
    random = np.random.default_rng([seed, bar.index])
    events += _strikes(bar, random)
    events += _pedal(bar)
    events += _pad(bar, previous)
    events += _breath(bar, previous)
    return tuple(sorted(events, key=lambda event: event.at))


def let_go(last: Bar) -> tuple[Event, ...]:
    """Return the events after the last bar: the pedal comes up and the pad ends."""
    pedal = (Control(0.0, channel, SUSTAIN, 0) for channel in (Channel.INNER, Channel.BASS))
    return (*pedal, *(Release(0.0, Channel.PAD, pitch) for pitch in _held_after(last)))


def level(bar: Bar) -> float:
    """Return the velocity around which a bar is played: dynamics, phrase arch and breath."""
    arch = sin(pi * (0.15 + 0.7 * bar.phrase_position))
    breath = bar.target.swell - 0.5
    return 30.0 + 42.0 * bar.target.dynamics + 8.0 * (arch - 0.7) + 5.0 * breath


def _seconds(bar: Bar, steps: float) -> float:
    rubato = CADENCE_RUBATO if bar.is_cadence else RUBATO
    return warp(steps / STEPS_PER_BAR, rubato) * bar.target.seconds


def _velocity(note: Note, bar: Bar, written: float, chance: float) -> int:
    """Return the velocity of a note: the bar's level, the part, the written accent, the beat."""
    accent = 0.6 * (note.velocity - written)
    beat = 2.0 if note.start == 0 else 0.0 if note.start % STEPS_PER_QUARTER == 0 else -2.0
    value = level(bar) + _BALANCE[note.role] + accent + beat + 1.5 * chance
    return int(min(112, max(8, round(value))))


def _strikes(bar: Bar, random: np.random.Generator) -> Iterable[Event]:
    if not bar.notes:
        return
    written = sum(note.velocity for note in bar.notes) / len(bar.notes)
    chances = np.clip(random.standard_normal((len(bar.notes), 2)), -2.5, 2.5)
    roll = _roll(bar)
    for index, note in enumerate(bar.notes):
        at = _seconds(bar, note.start)
        end = _seconds(bar, note.start + note.duration)
        late = ANTICIPATION_S + roll[index] + _JITTER_S * float(chances[index, 0])
        yield Strike(
            at=at + late,
            channel=_CHANNEL[note.role],
            pitch=note.pitch,
            velocity=_velocity(note, bar, written, float(chances[index, 1])),
            seconds=max(0.05, end - at),
        )


def _roll(bar: Bar) -> list[float]:
    """Return how late each note of the accompaniment is, seconds: chords roll upwards."""
    spread = 0.010 + 0.014 * (1.0 - bar.target.dynamics) + (0.010 if bar.is_cadence else 0.0)
    delays = [0.0] * len(bar.notes)
    chords: dict[int, list[int]] = defaultdict(list)
    for index, note in enumerate(bar.notes):
        if note.role != "melody":
            chords[note.start].append(index)
    for members in chords.values():
        members.sort(key=lambda index: bar.notes[index].pitch)
        step = spread if len(members) > 2 else 0.0
        for place, index in enumerate(members):
            delays[index] = _ACCOMPANIMENT_LAG_S + step * place
    return delays


def _changes(bar: Bar) -> list[int]:
    """Return the steps at which the harmony begins anew: each chord, and always the bar line."""
    return sorted({0} | {chord.start for chord in bar.chords if 0 <= chord.start < STEPS_PER_BAR})


def _pedal(bar: Bar) -> Iterable[Event]:
    """Pedal the accompaniment only: a tune of neighbouring tones would blur."""
    for start in _changes(bar):
        at = _seconds(bar, start) + ANTICIPATION_S
        for channel in (Channel.INNER, Channel.BASS):
            yield Control(at, channel, SUSTAIN, 0)
            yield Control(at + _PEDAL_LIFT_S, channel, SUSTAIN, 127)


def pad_voicing(chord: Chord) -> frozenset[int]:
    """Return the pad's pitches for a chord: root, third and fifth between E3 and D#4."""
    tones = CHORD_INTERVALS[chord.quality][:3]
    return frozenset(52 + (chord.root + tone - 52) % 12 for tone in tones)


def _pad(bar: Bar, previous: Bar | None) -> Iterable[Event]:
    """Hold tones that two chords share; move only what moves."""
    held = frozenset(_held_after(previous)) if previous else frozenset()
    if not bar.chords:
        yield from (Release(ANTICIPATION_S, Channel.PAD, pitch) for pitch in sorted(held))
    velocity = int(min(80, max(12, round(level(bar) - 12))))
    for chord in bar.chords:
        at = _seconds(bar, max(0, chord.start)) + ANTICIPATION_S
        voicing = pad_voicing(chord)
        for pitch in sorted(held - voicing):
            yield Release(at, Channel.PAD, pitch)
        for pitch in sorted(voicing - held):
            yield Strike(at, Channel.PAD, pitch, velocity, None)
        held = voicing


def _held_after(bar: Bar) -> list[int]:
    return sorted(pad_voicing(bar.chords[-1])) if bar.chords else []


def _breath(bar: Bar, previous: Bar | None) -> Iterable[Event]:
    """Swell the pad with the breath, from the last bar's place in it to this bar's."""
    begin = previous.target.swell if previous else bar.target.swell
    points = 16
    for point in range(points):
        swell = begin + (bar.target.swell - begin) * (point + 1) / points
        at = bar.target.seconds * point / points
        yield Control(at, Channel.PAD, EXPRESSION, round(76 + 44 * swell))
