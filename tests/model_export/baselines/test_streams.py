"""Token streams hold exactly the notes that our model reads, and count what it pays for."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings

from model_export.baselines import flat, remi
from model_export.baselines.streams import GIVEN, Stream
from model_export.composer.sequences import Sequence, sequences_of
from model_export.corpus.archive import entries
from model_export.corpus.piece import Piece
from model_export.corpus.reading import read_entry
from model_export.corpus.sources import SHARED, SOURCES, locate
from tests.model_export.baselines.music import broken_chords, notes_of, sequences

REMI = remi.Remi()


@given(sequences())
@settings(max_examples=60, deadline=None)
def test_flat_tokens_read_back_are_the_same_notes(sequence: Sequence) -> None:
    assert np.array_equal(flat.notes_of(flat.stream_of(sequence).tokens), notes_of(sequence))


@given(sequences())
@settings(max_examples=60, deadline=None)
def test_remi_tokens_read_back_by_miditok_are_the_same_notes(sequence: Sequence) -> None:
    assert np.array_equal(REMI.notes_of(REMI.stream_of(sequence).tokens), notes_of(sequence))


@pytest.mark.parametrize("stream_of", [flat.stream_of, REMI.stream_of])
def test_every_bar_line_but_the_first_is_paid_for(stream_of) -> None:
    sequence = broken_chords(0)
    stream: Stream = stream_of(sequence)
    line = flat.BAR_TOKEN if stream_of is flat.stream_of else remi.BAR_TOKEN
    assert int((stream.tokens == line).sum()) == len(sequence.conditions) + 1
    assert int((stream.tokens[stream.counted] == line).sum()) == len(sequence.conditions)
    assert stream.tokens[-1] == line


@pytest.mark.parametrize("stream_of", [flat.stream_of, REMI.stream_of])
def test_texture_and_metre_are_given(stream_of) -> None:
    stream: Stream = stream_of(broken_chords(0, (6, 8)))
    assert not stream.counted[:3].any()
    assert not stream.counted[stream.tokens < GIVEN].any()
    other: Stream = stream_of(broken_chords(0, (3, 4)))
    assert stream.tokens[1] != other.tokens[1]


def test_every_place_is_told_with_its_token() -> None:
    stream = flat.stream_of(broken_chords(0))
    at = np.flatnonzero((stream.tokens >= flat.FIRST_PLACE) & (stream.tokens < flat.FIRST_SYMBOL))
    assert np.array_equal(stream.places[at], stream.tokens[at] - flat.FIRST_PLACE)


def test_remi_pays_for_bars_positions_pitches_and_durations_only() -> None:
    stream = REMI.stream_of(broken_chords(0))
    names = {int(t): REMI.tokenizer[int(REMI.theirs[t - GIVEN])] for t in stream.tokens[2:]}
    paid = {names[int(t)].split("_")[0] for t in stream.tokens[stream.counted]}
    assert paid == {"Bar", "Position", "Pitch", "Duration"}


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/music is not beside this checkout")
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_real_pieces_come_back_note_for_note(source) -> None:
    read = 0
    for entry in islice(entries(source, locate(source)), 4):
        found = read_entry(source, entry)
        for sequence in sequences_of(found) if isinstance(found, Piece) else ():
            assert np.array_equal(
                flat.notes_of(flat.stream_of(sequence).tokens), notes_of(sequence)
            )
            assert np.array_equal(
                REMI.notes_of(REMI.stream_of(sequence).tokens), notes_of(sequence)
            )
            read += sequence.notes
    assert read > 0
