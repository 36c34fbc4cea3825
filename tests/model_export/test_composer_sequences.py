"""Pieces to events: key, chords, order, bars, early music in breves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware_py.compose.condition import CONDITION
from firmware_py.compose.controls import CONTROLS, measure, mode_of, pitch_class_weight
from firmware_py.compose.likeness import Heard
from firmware_py.compose.vocabulary import (
    BAR,
    DURATION_STEPS,
    LOWEST_PITCH,
    NO_DURATION,
    PITCHES,
    chord_of,
    chord_symbol,
    duration_classes,
    is_chord,
)
from firmware_py.messages.score import CHORD_INTERVALS
from model_export.composer.sequences import Sequence, key_shift, sequences_of
from model_export.corpus.piece import Piece, Score


def piece(notes: list[tuple[int, int, int]], bars: int, fifths: int = 0, metre=(4, 4)) -> Piece:
    length = metre[0] * 96 // metre[1]
    table = np.array([(s, d, p, 0) for s, d, p in notes], dtype=np.int32)
    order = np.lexsort((-table[:, 2], table[:, 0]))
    score = Score(
        notes=table[order],
        bars=np.array([(b * length, *metre) for b in range(bars)], dtype=np.int32),
        keys=np.array([(0, fifths, -1)], dtype=np.int32),
        tempos=np.zeros((0, 2), dtype=np.float32),
    )
    return Piece("t/x", "t", "piano", "x", "train", "CC0 1.0", "", "", True, score)


def triads(fifths: int, metre=(4, 4), bars: int = 4) -> Piece:
    length = metre[0] * 96 // metre[1]
    tonic = 60 + (7 * fifths) % 12
    notes = [(b * length, length, tonic + i) for b in range(bars) for i in (0, 4, 7)]
    return piece(notes, bars, fifths, metre)


@pytest.mark.parametrize("fifths", range(-7, 8))
def test_every_signature_becomes_the_same_music(fifths: int) -> None:
    (sequence,) = sequences_of(triads(fifths))
    classes = {
        (int(symbol) + LOWEST_PITCH) % 12 for _, symbol, _, _ in sequence.events if symbol < PITCHES
    }
    assert classes == {0, 4, 7}
    assert -6 <= key_shift(fifths) <= 5


def test_a_bar_opens_with_its_chord_and_goes_from_high_to_low() -> None:
    (sequence,) = sequences_of(triads(0))
    first = sequence.events[:5].tolist()
    assert first[0][0] == BAR
    assert first[1][1] == chord_symbol(0, "maj")
    assert [row[1] + LOWEST_PITCH for row in first[2:]] == [67, 64, 60]
    assert {row[3] for row in first[2:]} == {chord_symbol(0, "maj")}


def test_the_sequence_ends_with_a_bar_line_that_is_only_a_target() -> None:
    (sequence,) = sequences_of(triads(0))
    assert sequence.events[-1][0] == BAR
    assert sequence.bar_of[-1] == len(sequence.conditions) - 1


def test_breves_are_halved() -> None:
    (sequence,) = sequences_of(triads(0, metre=(4, 2)))
    durations = [int(DURATION_STEPS[d]) for _, _, d, _ in sequence.events if d != NO_DURATION]
    assert set(durations) == {96}


def test_a_change_of_signature_begins_a_new_sequence() -> None:
    one = triads(0, bars=10)
    keys = np.array([(0, 0, -1), (5 * 96, 2, -1)], dtype=np.int32)
    score = Score(one.score.notes, one.score.bars, keys, one.score.tempos)
    both = list(sequences_of(Piece("t/x", "t", "piano", "x", "train", "", "", "", False, score)))
    assert [len(sequence.conditions) for sequence in both] == [5, 5]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 95), st.sampled_from(DURATION_STEPS.tolist()), st.integers(21, 108)
        ),
        min_size=1,
        max_size=20,
        unique_by=lambda note: (note[0], note[2]),
    )
)
def test_no_note_is_lost_or_moved(notes: list[tuple[int, int, int]]) -> None:
    four = [(s + 96 * b, d, p) for b in range(4) for s, d, p in notes]
    (sequence,) = sequences_of(piece(four, 4))
    back = []
    bar = -1
    for place, symbol, duration, _ in sequence.events[:-1]:
        bar += place == BAR
        if symbol < PITCHES:
            pitch = int(symbol) + LOWEST_PITCH
            back.append((bar * 96 + int(place), int(DURATION_STEPS[duration]), pitch))
    assert sorted(back) == sorted(four)
    assert sequence.conditions.shape == (4, CONDITION)
    assert np.isfinite(sequence.conditions).all()
    assert ringing_of(sequence) == sounding_before(sequence)


def ringing_of(sequence: Sequence) -> list[list[int]]:
    flags = np.unpackbits(sequence.ringing, axis=1, count=PITCHES)
    return [np.flatnonzero(row).tolist() for row in flags]


def sounding_before(sequence: Sequence) -> list[list[int]]:
    """The same by brute force over all notes before, in bars of 96 steps."""
    ends: list[tuple[int, int]] = []
    found, bar = [], -1
    for place, symbol, duration, _ in sequence.events.tolist():
        bar += place == BAR
        now = bar * 96 + (0 if place == BAR else place)
        found.append(sorted({pitch for pitch, end in ends if end > now}))
        if symbol < PITCHES:
            ends.append((symbol, now + int(DURATION_STEPS[duration])))
    return found


@given(st.integers(1, 400))
def test_a_duration_class_is_the_nearest(steps: int) -> None:
    chosen = DURATION_STEPS[duration_classes(np.array([steps], dtype=np.int32))[0]]
    assert abs(int(chosen) - steps) == np.abs(DURATION_STEPS - steps).min()


def test_chord_symbols_go_both_ways() -> None:
    for root in range(12):
        for quality in CHORD_INTERVALS:
            symbol = chord_symbol(root, quality)
            assert is_chord(symbol)
            assert chord_of(symbol) == (root, quality)


def controls_of(notes: list[tuple[int, int, int]]) -> dict[str, float]:
    from firmware_py.compose.controls import CONTROL_NAMES

    starts, durations, pitches = (np.array(c, dtype=np.int32) for c in zip(*notes, strict=True))
    weight = pitch_class_weight(pitches, durations)
    row = measure(starts, durations, pitches, 96, Heard(), weight)
    assert row.shape == (CONTROLS,)
    return dict(zip(CONTROL_NAMES, row.tolist(), strict=True))


def test_controls_say_what_they_are_named() -> None:
    calm = controls_of([(0, 96, 48), (0, 96, 64), (0, 96, 67)])
    busy = controls_of([(12 * i, 12, 72 + (i * 5) % 12) for i in range(8)])
    assert calm["density"] < busy["density"]
    assert calm["polyphony"] > busy["polyphony"]
    assert calm["register"] < busy["register"]
    assert calm["length"] > busy["length"]
    assert busy["regularity"] == 1.0
    rough = controls_of([(0, 96, 60), (0, 96, 61), (0, 96, 66)])
    assert rough["tension"] > calm["tension"]


def test_mode_tells_major_from_its_relative_minor() -> None:
    major = pitch_class_weight(np.array([60, 64, 67, 65, 71]), np.array([48, 24, 36, 12, 6]))
    minor = pitch_class_weight(np.array([57, 60, 64, 56, 62]), np.array([48, 24, 36, 6, 6]))
    assert mode_of(major) > 0.2
    assert mode_of(minor) < -0.2
