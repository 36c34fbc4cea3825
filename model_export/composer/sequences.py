"""Pieces become event sequences: moved to one key signature, bar by bar, chords first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.condition import Frame, Texture, condition_vector
from firmware_py.compose.controls import CONTROLS, measure, pitch_class_weight
from firmware_py.compose.likeness import Heard
from firmware_py.compose.ringing import Ringing
from firmware_py.compose.vocabulary import (
    BAR,
    HIGHEST_PITCH,
    LONGEST_BAR,
    LOWEST_PITCH,
    NO_DURATION,
    NO_SYMBOL,
    PITCHES,
    duration_classes,
)
from model_export.composer.chords import chords_of_bar
from model_export.corpus.piece import GRID, Piece, Score

ALL_GIVEN = np.ones(CONTROLS, dtype=np.bool_)
_BAR_LINE = np.zeros(1, dtype=np.int64)
_MODE_WINDOW = 4  # bars before and after: one bar is too short to have a mode


@dataclass(frozen=True, slots=True)
class Sequence:
    """One piece, or the part of a piece that keeps one key signature."""

    piece: str
    split: str
    texture: Texture
    slow: bool
    events: NDArray[np.int16]
    """(n, 4): place, symbol, duration class, chord symbol in force; the first row is a BAR."""
    bar_of: NDArray[np.int32]
    """(n,): row of ``conditions`` for each event; a BAR row belongs to the bar that it opens."""
    conditions: NDArray[np.float32]
    """(bars, CONDITION), with every control given."""
    ringing: NDArray[np.uint8]
    """(n, PITCHES / 8): bits, which pitches sounded already when the event came."""

    @property
    def notes(self) -> int:
        """Number of notes."""
        return int((self.events[:, 1] < PITCHES).sum())

    def beginning(self, events: int) -> Sequence:
        """Return its first whole bars of at most so many events, the closing bar line counted."""
        lines = np.flatnonzero(self.events[:, 0] == BAR)
        end = int(lines[lines < events][-1]) + 1
        bars = int(self.bar_of[end - 1]) + (1 if end == len(self.events) else 0)
        return replace(
            self,
            events=self.events[:end],
            bar_of=self.bar_of[:end],
            conditions=self.conditions[: max(1, bars + 1)],
            ringing=self.ringing[:end],
        )


def sequences_of(piece: Piece, shortest: int = 4) -> Iterator[Sequence]:
    """Yield the sequences of a piece that have at least ``shortest`` bars with notes."""
    score = _halved(piece.score)
    for first, last, fifths in _stretches(score):
        sequence = _sequence(piece, score, first, last, fifths)
        if sequence is not None and len(sequence.conditions) >= shortest:
            yield sequence


def _nominal(score: Score) -> NDArray[np.int32]:
    """Return (bars,) the full length of each bar in steps, by its time signature."""
    return (score.bars[:, 1] * 4 * GRID // score.bars[:, 2]).astype(np.int32)


def _halved(score: Score) -> Score:
    """Return early music in breves with its values halved, so that a bar is 4/4."""
    if len(score.bars) == 0 or np.median(_nominal(score)) != 2 * 4 * GRID:
        return score
    notes, bars = score.notes.copy(), score.bars.copy()
    notes[:, :2] //= 2
    notes[:, 1] = np.maximum(notes[:, 1], 1)
    bars[:, 0] //= 2
    bars[:, 2] *= 2
    keys, tempos = score.keys.copy(), score.tempos.copy()
    keys[:, 0] //= 2
    tempos[:, 0] /= 2
    tempos[:, 1] /= 2
    return Score(notes, bars, keys, tempos)


def _stretches(score: Score) -> Iterator[tuple[int, int, int]]:
    """Yield (first bar, bar after the last, fifths): one signature, no bar too long to write."""
    signature = np.zeros(len(score.bars), dtype=np.int32)
    for step, fifths, _ in score.keys:
        signature[score.bars[:, 0] >= step] = fifths
    fits = _nominal(score) <= LONGEST_BAR
    first = 0
    for bar in range(1, len(score.bars) + 1):
        ends = bar == len(score.bars) or signature[bar] != signature[first] or not fits[bar]
        if not fits[first]:
            first = bar
        elif ends:
            yield first, bar, int(signature[first])
            first = bar


def key_shift(fifths: int) -> int:
    """Return the semitones, -6 to 5, that move a signature to no sharps and flats."""
    shift = -(7 * fifths) % 12
    return shift - 12 if shift > 5 else shift


def _sequence(piece: Piece, score: Score, first: int, last: int, fifths: int) -> Sequence | None:
    lines = score.bars[first:last, 0]
    nominal = _nominal(score)[first:last]
    end = score.bars[last, 0] if last < len(score.bars) else np.iinfo(np.int32).max
    onsets = score.notes[:, 0]
    chosen = score.notes[(onsets >= lines[0]) & (onsets < end)]
    if len(chosen) == 0:
        return None
    pitches = np.clip(chosen[:, 2] + key_shift(fifths), LOWEST_PITCH, HIGHEST_PITCH)
    bars = np.searchsorted(lines, chosen[:, 0], side="right") - 1
    starts = chosen[:, 0] - lines[bars]
    if len(lines) > 1:  # a pickup stands at the end of its bar
        starts = starts + np.where(bars == 0, max(0, nominal[0] - (lines[1] - lines[0])), 0)
    inside = starts < nominal[bars]
    table = np.stack([bars, starts, chosen[:, 1], pitches], axis=1)[inside]
    return _written(piece, table, score.bars[first:last, 1:], to_the_end=last == len(score.bars))


def _written(
    piece: Piece, table: NDArray[np.int32], metres: NDArray[np.int32], *, to_the_end: bool
) -> Sequence | None:
    """Write the events; ``table`` (n, 4): bar, start, duration, pitch, in order of time."""
    filled = np.unique(table[:, 0])
    count = int(filled[-1]) + 1  # silent bars at the end are left out
    borders = np.searchsorted(table[:, 0], np.arange(count + 1))
    per_bar = [table[borders[bar] : borders[bar + 1]] for bar in range(count)]
    weights = np.array([pitch_class_weight(notes[:, 3], notes[:, 2]) for notes in per_bar])
    events: list[NDArray[np.int16]] = []
    bar_of: list[NDArray[np.int32]] = []
    conditions = []
    ringing: list[NDArray[np.float32]] = []
    chord = NO_SYMBOL
    heard, sounding = Heard(), Ringing.silence(1)
    for bar, notes in enumerate(per_bar):
        numerator, denominator = int(metres[bar, 0]), int(metres[bar, 1])
        length = numerator * 4 * GRID // denominator
        low = max(0, bar - _MODE_WINDOW)
        around = weights[low : bar + _MODE_WINDOW + 1].sum(axis=0)
        starts, durations, pitches = notes[:, 1], notes[:, 2], notes[:, 3]
        controls = measure(starts, durations, pitches, length, heard, around)
        heard.remember(starts, pitches, length)
        frame = Frame(
            (numerator, denominator), bar, count - 1 - bar if to_the_end else None, piece.group
        )
        conditions.append(condition_vector(controls, ALL_GIVEN, frame))
        chords = [
            (step, PITCHES + index)
            for step, index in chords_of_bar(starts, starts + durations, pitches, length)
        ]
        rows, chord = _bar_rows(notes, chords, chord)
        events.append(rows)
        ringing += _heard_over(rows, sounding)
        sounding.bar_line(0, length)
        bar_of.append(np.full(len(rows), bar, dtype=np.int32))
    events.append(np.array([[BAR, NO_SYMBOL, NO_DURATION, chord]], dtype=np.int16))
    bar_of.append(np.array([count - 1], dtype=np.int32))  # closes the last bar; only ever a target
    ringing.append(sounding.at(_BAR_LINE))
    return Sequence(
        piece.id,
        piece.split,
        piece.group,
        piece.slow,
        np.concatenate(events),
        np.concatenate(bar_of),
        np.array(conditions, dtype=np.float32),
        np.packbits(np.concatenate(ringing).astype(np.bool_), axis=1),
    )


def _heard_over(rows: NDArray[np.int16], sounding: Ringing) -> list[NDArray[np.float32]]:
    """Return what sounded before each row of a bar, (1, PITCHES) each; ``sounding`` goes on."""
    flags = [sounding.at(_BAR_LINE)]
    for place, symbol, duration, _ in rows[1:].tolist():
        flags.append(sounding.at(np.array([place])))
        if symbol < PITCHES:
            sounding.strike(0, place, symbol, duration)
    return flags


def _bar_rows(
    notes: NDArray[np.int32], chords: list[tuple[int, int]], chord: int
) -> tuple[NDArray[np.int16], int]:
    """Return the rows of one bar, BAR first, and the chord in force at its end."""
    rows = np.empty((1 + len(chords) + len(notes), 4), dtype=np.int16)
    rows[0] = BAR, NO_SYMBOL, NO_DURATION, chord
    places = np.concatenate([[step for step, _ in chords], notes[:, 1]]).astype(np.int64)
    symbols = np.concatenate([[symbol for _, symbol in chords], notes[:, 3] - LOWEST_PITCH])
    lengths = np.concatenate([[NO_DURATION] * len(chords), duration_classes(notes[:, 2])])
    # In time; at one instant the chord (highest symbol) first, then notes from high to low.
    order = np.lexsort((-symbols, places))
    rows[1:, 0], rows[1:, 1], rows[1:, 2] = places[order], symbols[order], lengths[order]
    for row in rows[1:]:
        chord = int(row[1]) if row[1] >= PITCHES else chord
        row[3] = chord
    return rows, chord
