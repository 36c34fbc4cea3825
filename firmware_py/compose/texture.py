"""From an idea to notes: the melody's pitches, the chords under it, how loud and how long."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from math import pi, sin
from random import Random
from typing import Final

from firmware_py.compose import harmony
from firmware_py.compose.form import Place
from firmware_py.compose.idea import SLOTS, Idea
from firmware_py.messages.plan import BarTarget
from firmware_py.messages.score import STEPS_PER_BAR, Chord, Key, Note, Role

_SLOT: Final = STEPS_PER_BAR // SLOTS
_LOWEST, _HIGHEST = 21, 108
_MELODY_ABOVE: Final = 7.5
"""The melody's centre over the bar's mean pitch, in semitones, where a phrase begins and ends."""
_ARCH: Final = 2.5
"""How much higher it is in the middle of the phrase."""
_DEEPEST: Final = 5.0
"""How far under its centre the melody goes at most."""
_BASS_BELOW: Final = (25.0, 18.0, 12.0)
_STRANDED: Final = 11
"""Farther from its centre the melody does not lead on but starts afresh: the register jumped."""
_LARGEST_LEAP: Final = 9
_MELODY_MOST: Final = 8
_ROLE_LOUDNESS: Final[dict[Role, int]] = {"melody": 7, "inner": -8, "bass": -3}


@dataclass(frozen=True, slots=True)
class Line:
    """What is decided before the notes: idea, place, key, and the sixteenths that sound."""

    idea: Idea
    place: Place
    key: Key
    onsets: tuple[int, ...]

    def chord_at(self, slot: int) -> Chord:
        """Return the chord that sounds at a sixteenth."""
        return [c for c in self.idea.chords if c.start <= slot * _SLOT][-1]


@dataclass(frozen=True, slots=True)
class Voices:
    """Where the voices were left: the last two melody pitches, the bass and the inner voices."""

    melody: tuple[int, ...] = ()
    under: tuple[int, ...] = ()
    """Bass first; empty before the first bar."""


def arrange(
    line: Line, target: BarTarget, before: Voices, rng: Random
) -> tuple[tuple[Note, ...], Voices]:
    """Return the bar's notes, by start and pitch, and where they leave the voices.

    The set of onsets is exactly ``line.onsets``; the mean pitch is near ``target.register``.
    """
    melody = _melody(line, target, before.melody)
    notes = [_note(slot, until, pitch, "melody") for slot, until, pitch in melody]
    below = before.under
    taken = {slot for slot, _, _ in melody}
    spans = [c.start // _SLOT for c in line.idea.chords] + [SLOTS]
    for chord, begin, end in zip(line.idea.chords, spans, spans[1:], strict=False):
        sung = [(slot, pitch) for slot, _, pitch in melody if begin <= slot < end]
        slots = [slot for slot in line.onsets if begin < slot < end and slot not in taken]
        firm = line.place.cadence != "none" or line.place.phrase_bar == 0
        under = _Span(chord, begin, end, slots, line.idea.motif.upward, firm)
        below = under.voice(sung, target.register, below)
        notes += under.notes(below[0], below[1:])
    played = [_with_velocity(note, target.dynamics, rng) for note in _release(notes)]
    sung_last = tuple(pitch for _, _, pitch in melody)
    return tuple(played), Voices((before.melody + sung_last)[-2:], below)


def _melody(line: Line, target: BarTarget, sung: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """Return (slot, end slot, pitch) of the melody's notes."""
    slots = _melody_slots(line)
    centre = target.register + _MELODY_ABOVE + _ARCH * sin(pi * line.place.phrase_position)
    if sung and abs(sung[-1] - centre) > _STRANDED:
        sung = ()
    closes = line.place.cadence in ("full", "final")
    found: list[tuple[int, int, int]] = []
    height_before = line.idea.heights[0]
    for slot, end in zip(slots, [*slots[1:], SLOTS], strict=True):
        chord, height = line.chord_at(slot), line.idea.heights[slot]
        tones = frozenset(harmony.chord_pitch_classes(chord))
        if closes and slot == slots[-1]:
            pitch = harmony.nearest_pitch(centre + 1.0, [chord.root])
        else:
            scale = harmony.scale_over(line.key, chord)
            fitting = tones if slot % 8 == 0 else _consonant(scale, tones, end - slot)
            turn = (height > height_before) - (height < height_before)
            pitch = _sing(centre, height, turn, _ladder(fitting), scale, sung)
        height_before = height
        sung = (*sung, pitch)[-2:]
        found.append((slot, end, pitch))
    return found


def _consonant(scale: frozenset[int], tones: frozenset[int], length: int) -> frozenset[int]:
    """Return what may sound off the strong beats: all the scale, but long notes do not rub."""
    if length <= 2:
        return scale
    return scale - {(tone + 1) % 12 for tone in tones} | tones


def _sing(
    centre: float,
    height: int,
    turn: int,
    allowed: list[int],
    scale: frozenset[int],
    sung: tuple[int, ...],
) -> int:
    """Return the allowed pitch nearest to a height, that moves where the height turns.

    A pitch comes again only where the height stays, and never three times in a row. After a wide
    leap the nearest allowed pitch on its way is taken.
    """
    ladder = _ladder(scale)
    middle = min(range(len(ladder)), key=lambda i: abs(ladder[i] - centre))
    wish = max(ladder[min(len(ladder) - 1, max(0, middle + height))], centre - _DEEPEST)
    if not sung:
        return min(allowed, key=lambda p: abs(p - wish))
    wish = min(sung[-1] + _LARGEST_LEAP, max(sung[-1] - _LARGEST_LEAP, wish))
    stale = sung[-1] if turn or sung == (sung[-1], sung[-1]) else -1

    def cost(pitch: int) -> tuple[float, int]:
        against = 2.0 if turn * (pitch - sung[-1]) < 0 else 0.0
        far = 3.0 * max(0, abs(pitch - sung[-1]) - _LARGEST_LEAP)
        leap = 0.8 * abs(pitch - sung[-1])
        return abs(pitch - wish) + against + leap + far + 12.0 * (pitch == stale), pitch

    return min(allowed, key=cost)


def _melody_slots(line: Line) -> list[int]:
    """Return the sixteenths that the melody takes: the strong ones, few at a cadence."""
    onsets, place, motif = line.onsets, line.place, line.idea.motif
    if place.cadence == "final":
        return [onsets[-1]]
    count = min(_MELODY_MOST, max(1, round(motif.melody_share * len(onsets))))
    ranked = [slot for slot in line.idea.order if slot in onsets]
    if place.cadence != "none":
        close = line.idea.chords[-1].start // _SLOT
        return sorted({*[slot for slot in ranked if slot < close][: count - 1], close})
    if motif.late and place.phrase_bar % 2 == 1 and len(ranked) > 2:
        ranked = ranked[1:]
    return sorted(ranked[:count])


def _ladder(classes: frozenset[int]) -> list[int]:
    return [pitch for pitch in range(_LOWEST, _HIGHEST + 1) if pitch % 12 in classes]


@dataclass(frozen=True, slots=True)
class _Span:
    """The accompaniment of one chord: a bass note, and the chord broken or struck."""

    chord: Chord
    begin: int
    end: int
    slots: list[int]
    """Sixteenths after the first that the accompaniment fills."""
    upward: bool
    firm: bool
    """Whether the bass must be the root."""

    def voice(
        self, sung: list[tuple[int, int]], register: float, before: tuple[int, ...]
    ) -> tuple[int, ...]:
        """Return bass and inner voices: smooth, under the melody, the mean near the register."""
        pitches = {pitch for _, pitch in sung}
        roof = min(pitches, default=_HIGHEST)

        def cost(voices: tuple[int, ...]) -> tuple[float, tuple[int, ...]]:
            bass, *inner = voices
            struck = {*sung, (self.begin, bass), *self._inner(voices[1:])}  # a unison counts once
            away = abs(sum(pitch for _, pitch in struck) / len(struck) - register)
            total = 4.0 * max(0.0, away - 0.5) + 40.0 * max(0.0, away - 2.0)
            total += 0.2 * harmony.motion(before[1:], inner) + 1.5 * len(pitches & {*inner})
            total += 0.3 * abs(bass - before[0]) if before else 0.0
            total += 1.0 * (bass % 12 != self.chord.root)
            total += 2.0 * max(0, inner[-1] - roof + 2) + 2.0 * max(0, bass + 4 - inner[0])
            return total, voices

        tones = harmony.chord_pitch_classes(self.chord)[: 1 if self.firm else 2]
        basses = {
            harmony.nearest_pitch(register - below, [tone])
            for below, tone in product(_BASS_BELOW, tones)
        }
        chords = harmony.voicings(self.chord, register - 2.0)
        return min(((bass, *inner) for bass, inner in product(basses, chords)), key=cost)

    def notes(self, bass: int, inner: tuple[int, ...]) -> list[Note]:
        """Return the notes; each rings to the end of the chord, within half a bar if many."""
        ring = SLOTS // 2 if len(self.slots) > 2 else SLOTS
        found = [_note(self.begin, self.end, bass, "bass")]
        for slot, pitch in self._inner(inner):
            found.append(_note(slot, min(self.end, slot + ring), pitch, "inner"))
        return found

    def _inner(self, voices: tuple[int, ...]) -> list[tuple[int, int]]:
        """Return (slot, pitch): struck together where there is little room, else broken."""
        if len(self.slots) < 2:
            struck = voices[-2:] if self.slots else voices
            return [(self.begin, p) for p in struck] + [(s, voices[0]) for s in self.slots]
        wave = voices + voices[-2:0:-1]
        if not self.upward:
            wave = wave[len(voices) - 1 :] + wave[: len(voices) - 1]
        return [(slot, wave[i % len(wave)]) for i, slot in enumerate(self.slots)]


def _note(slot: int, end: int, pitch: int, role: Role) -> Note:
    pitch = min(_HIGHEST, max(_LOWEST, pitch))
    return Note(slot * _SLOT, (end - slot) * _SLOT, pitch, 1, role)


def _release(notes: list[Note]) -> list[Note]:
    """Return the notes in order, no two of one pitch sounding at once; the melody goes first."""
    first = {"melody": 0, "bass": 1, "inner": 2}
    kept: dict[int, Note] = {}
    done: list[Note] = []
    for note in sorted(notes, key=lambda n: (n.start, first[n.role])):
        sounding = kept.get(note.pitch)
        if sounding is not None and sounding.start == note.start:
            continue
        if sounding is not None and sounding.start + sounding.duration > note.start:
            done.remove(sounding)
            done.append(replace(sounding, duration=note.start - sounding.start))
        kept[note.pitch] = note
        done.append(note)
    return sorted(done, key=lambda n: (n.start, n.pitch))


def _with_velocity(note: Note, dynamics: float, rng: Random) -> Note:
    weight = 3 if note.start == 0 else 1 if note.start % (STEPS_PER_BAR // 4) == 0 else 0
    loud = 28 + 76 * dynamics + _ROLE_LOUDNESS[note.role] + weight + rng.randint(-2, 2)
    return replace(note, velocity=min(127, max(1, round(loud))))
