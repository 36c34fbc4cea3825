"""Music for the baselines' tests: broken chords in several metres, and random pieces."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware_py.compose.vocabulary import DURATION_STEPS, LOWEST_PITCH, PITCHES
from model_export.baselines.corpus import Corpus
from model_export.composer.sequences import Sequence, sequences_of
from tests.model_export.test_composer_sequences import piece

ROOTS = (60, 65, 67, 60)


def broken_chords(turn: int, metre: tuple[int, int] = (4, 4), bars: int = 8) -> Sequence:
    """I IV V I in quarters, so regular that a little training must learn it."""
    length = metre[0] * 96 // metre[1]
    notes = []
    for bar in range(bars):
        root = ROOTS[(bar + turn) % 4]
        notes += [
            (length * bar + step, 24, root + (0, 4, 7, 4)[step // 24 % 4])
            for step in range(0, length, 24)
        ]
        notes.append((length * bar, length, root - 24))
    (sequence,) = sequences_of(piece(notes, bars, metre=metre))
    return sequence


def corpus() -> Corpus:
    train = [broken_chords(turn) for turn in range(12)]
    return Corpus(train, train[:2], [broken_chords(turn, bars=12) for turn in range(3)])


def notes_of(sequence: Sequence) -> NDArray[np.int32]:
    """Return (n, 4) bar, start, duration, pitch, straight from the events."""
    sounding = sequence.events[:, 1] < PITCHES
    place, symbol, duration = sequence.events[sounding, :3].T
    columns = [sequence.bar_of[sounding], place, DURATION_STEPS[duration], symbol + LOWEST_PITCH]
    return np.stack(columns, axis=1).astype(np.int32)


@st.composite
def sequences(draw: st.DrawFn) -> Sequence:
    """Any notes in any metre, silent bars in between."""
    metre = draw(st.sampled_from([(4, 4), (3, 4), (2, 4), (2, 2), (6, 8), (3, 8), (9, 8), (5, 4)]))
    length = metre[0] * 96 // metre[1]
    note = st.tuples(
        st.integers(0, 5 * length - 1),
        st.sampled_from(DURATION_STEPS.tolist()),
        st.integers(21, 108),
    )
    notes = draw(st.lists(note, min_size=1, max_size=40, unique_by=lambda n: (n[0], n[2])))
    last = (5 * length + draw(st.integers(0, length - 1)), 24, 60)
    (sequence,) = sequences_of(piece([*notes, last], 6, draw(st.integers(-5, 5)), metre))
    return sequence
