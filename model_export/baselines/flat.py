"""Our event sequences as one flat stream of tokens, as TonicNet reads chorales.

TonicNet (Peracha, arXiv:1911.11775) reads a chorale moment by moment, the chord's token first and
then the notes of its four voices. Free polyphony has neither a fixed number of voices nor a grid
where something happens at every step, so a moment is told here by a token of its place in the bar,
then come the chord (where one begins) and the notes from high to low, each a pitch and a length.
The key is taken out as for our model: both read the same sequences.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.vocabulary import (
    BAR,
    DURATION_STEPS,
    LOWEST_PITCH,
    NO_DURATION,
    NO_SYMBOL,
    PITCHES,
    PLACES,
)
from model_export.baselines.streams import GIVEN, Stream, metre_tokens, texture_token
from model_export.composer.sequences import Sequence

FIRST_PLACE: Final = GIVEN
BAR_TOKEN: Final = FIRST_PLACE + BAR
FIRST_SYMBOL: Final = FIRST_PLACE + PLACES
FIRST_DURATION: Final = FIRST_SYMBOL + NO_SYMBOL
VOCABULARY: Final = FIRST_DURATION + NO_DURATION


def stream_of(sequence: Sequence) -> Stream:
    """Return texture, metre and a bar line (given), then everything that was played."""
    place, symbol, duration = sequence.events[:, :3].astype(np.int16).T
    moved = np.ones(len(place), dtype=np.bool_)
    moved[1:] = place[1:] != place[:-1]
    moved |= place == BAR
    metres = metre_tokens(sequence)
    told = np.zeros(len(place), dtype=np.bool_)
    lines = np.flatnonzero(place == BAR)[:-1]  # the last one opens no bar
    told[lines[1:]] = metres[1:] != metres[:-1]
    rows = np.stack(
        [
            np.where(moved, FIRST_PLACE + place, -1),
            np.where(told, metres[sequence.bar_of], -1),
            np.where(symbol != NO_SYMBOL, FIRST_SYMBOL + symbol, -1),
            np.where(duration != NO_DURATION, FIRST_DURATION + duration, -1),
        ],
        axis=1,
    )
    here = rows >= 0
    head = np.array([texture_token(sequence.texture), metres[0]])
    tokens = np.concatenate([head, rows[here]]).astype(np.int16)
    places = np.concatenate([[BAR, BAR], np.repeat(place, here.sum(axis=1))]).astype(np.int16)
    counted = tokens >= GIVEN
    counted[:3] = False
    return Stream(sequence.piece, tokens, places, counted, sequence.notes)


def notes_of(tokens: NDArray[np.int16]) -> NDArray[np.int32]:
    """Return (n, 4) the notes of a stream: bar, start, duration, pitch."""
    kinds = np.digitize(tokens, [FIRST_PLACE, FIRST_SYMBOL, FIRST_DURATION])
    bars = np.cumsum(tokens == BAR_TOKEN) - 1
    at = np.maximum.accumulate(np.where(kinds == 1, np.arange(len(tokens)), 0))
    lengths = np.flatnonzero(kinds == 3)  # every note ends with its length, only notes have one
    return np.stack(
        [
            bars[lengths],
            tokens[at[lengths]] - FIRST_PLACE,
            DURATION_STEPS[tokens[lengths] - FIRST_DURATION],
            tokens[lengths - 1] - FIRST_SYMBOL + LOWEST_PITCH,
        ],
        axis=1,
    ).astype(np.int32)


def is_note(symbol_token: int) -> bool:
    """Tell a pitch's token from a chord's."""
    return FIRST_SYMBOL <= symbol_token < FIRST_SYMBOL + PITCHES
