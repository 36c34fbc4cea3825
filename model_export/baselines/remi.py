"""Our sequences as REMI tokens (Huang & Yang, arXiv:2002.00212), tokenised by MidiTok.

MidiTok is given the very notes that our model reads: moved to one key signature, lengths of our 48
classes, 24 steps a quarter. So that its tokens keep every step exactly, each bar is declared as
whole quarters that hold it (6/8 as 3/4, 2/2 as 4/4, metres without a place of their own as the
longest bar, 6/4) and notes keep their step in the bar: one *Position* a step, one *Duration* a
class, in every metre. MidiTok itself would count 6/8 in eighths and 2/2 in halves, which makes the
same length another token in another metre and loses every second step of 2/2 at 24 a beat. The
real metre is given beside it (``streams``). Velocity, tempo, programs and chords are off: our model
has none of the first three, and REMI without chords pays for none. *TimeSig* stands after every
*Bar*, as MidiTok writes it, and is given, because our model is told the metre, too. Of its 589
tokens those that can occur are kept, so that no probability is lost on others.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from miditok import REMI, TokenizerConfig, TokSequence
from numpy.typing import NDArray
from symusic.core import NoteTick, ScoreTick, TimeSignatureTick, TrackTick

from firmware_py.compose.condition import METRES
from firmware_py.compose.vocabulary import (
    DURATION_STEPS,
    HIGHEST_PITCH,
    LONGEST_BAR,
    LOWEST_PITCH,
    PITCHES,
)
from model_export.baselines.streams import FIRST_METRE, GIVEN, Stream, metre_tokens, texture_token
from model_export.composer.sequences import Sequence
from model_export.corpus.piece import GRID

_QUARTERS: Final = np.array([n * 4 // d for n, d in METRES] + [LONGEST_BAR // GRID], dtype=np.int32)
"""Declared quarters of a bar of each metre, then of all other metres."""
_LONGEST_NOTE: Final = int(DURATION_STEPS[-1]) // GRID
_VELOCITY: Final = 64

TIME_SIGNATURES: Final = sorted(set(_QUARTERS.tolist()))
FIRST_TIME_SIGNATURE: Final = GIVEN
BAR_TOKEN: Final = FIRST_TIME_SIGNATURE + len(TIME_SIGNATURES)
FIRST_POSITION: Final = BAR_TOKEN + 1
FIRST_PITCH: Final = FIRST_POSITION + LONGEST_BAR
FIRST_DURATION: Final = FIRST_PITCH + PITCHES
VOCABULARY: Final = FIRST_DURATION + len(DURATION_STEPS)


class Remi:
    """MidiTok's REMI with its tokens numbered as above."""

    def __init__(self) -> None:
        self.tokenizer = REMI(
            TokenizerConfig(
                pitch_range=(LOWEST_PITCH, HIGHEST_PITCH + 1),
                beat_res={(0, _LONGEST_NOTE): GRID},
                special_tokens=["PAD"],
                use_velocities=False,
                use_chords=False,
                use_rests=False,
                use_tempos=False,
                use_programs=False,
                use_pitchdrum_tokens=False,
                use_time_signatures=True,
                time_signature_range={4: TIME_SIGNATURES},
            )
        )
        names = [f"TimeSig_{quarters}/4" for quarters in TIME_SIGNATURES]
        names += ["Bar_None", *(f"Position_{step}" for step in range(LONGEST_BAR))]
        names += [f"Pitch_{LOWEST_PITCH + pitch}" for pitch in range(PITCHES)]
        names += [f"Duration_{d // GRID}.{d % GRID}.{GRID}" for d in DURATION_STEPS.tolist()]
        self.theirs = np.array([self.tokenizer.vocab[name] for name in names])
        self.ours = np.full(len(self.tokenizer), -1, dtype=np.int16)
        self.ours[self.theirs] = np.arange(GIVEN, VOCABULARY)

    def stream_of(self, sequence: Sequence) -> Stream:
        """Return texture and metre, then REMI's tokens, then the bar line that ends the last bar.

        Raises ``ValueError`` when MidiTok writes a token outside of the vocabulary above.
        """
        metres = metre_tokens(sequence)
        (written,) = self.tokenizer.encode(_score(sequence, _QUARTERS[metres - FIRST_METRE]))
        tokens = self.ours[np.array(written.ids)]
        if (tokens < 0).any():
            unknown = {written.tokens[i] for i in np.flatnonzero(tokens < 0)}
            raise ValueError(f"{sequence.piece}: tokens outside of the vocabulary: {unknown}.")
        head = np.array([texture_token(sequence.texture), metres[0]], dtype=np.int16)
        tokens = np.concatenate([head, tokens, [BAR_TOKEN]]).astype(np.int16)
        counted = tokens >= BAR_TOKEN
        counted[:4] = False  # texture, metre, the first Bar and its TimeSig
        return Stream(sequence.piece, tokens, np.zeros_like(tokens), counted, sequence.notes)

    def notes_of(self, tokens: NDArray[np.int16]) -> NDArray[np.int32]:
        """Return (n, 4) the notes as MidiTok reads them: bar, start, duration, pitch."""
        played = tokens[tokens >= GIVEN]
        if played[-1] == BAR_TOKEN:
            played = played[:-1]
        ids = self.theirs[played - GIVEN].tolist()
        score = self.tokenizer.decode([TokSequence(ids=ids)])
        notes = score.tracks[0].notes.numpy() if score.tracks else {}
        if not notes:
            return np.zeros((0, 4), dtype=np.int32)
        signatures = played[np.flatnonzero(played == BAR_TOKEN) + 1] - FIRST_TIME_SIGNATURE
        lengths = GRID * np.array(TIME_SIGNATURES)[signatures]
        lines = np.concatenate([[0], np.cumsum(lengths)])
        bars = np.searchsorted(lines, notes["time"], side="right") - 1
        columns = [bars, notes["time"] - lines[bars], notes["duration"], notes["pitch"]]
        table = np.stack(columns, axis=1).astype(np.int32)
        return table[np.lexsort((-table[:, 3], table[:, 1], table[:, 0]))]


def declared_quarters(metre_token: int) -> int:
    """Return how many quarters a bar of this metre is declared to have."""
    return int(_QUARTERS[metre_token - FIRST_METRE])


def time_signature_token(quarters: int) -> int:
    """Return the token of a bar of so many quarters."""
    return FIRST_TIME_SIGNATURE + TIME_SIGNATURES.index(quarters)


def _score(sequence: Sequence, quarters: NDArray[np.int32]) -> ScoreTick:
    """Return the sequence's notes in bars of so many ``quarters``; 24 ticks a quarter."""
    lines = np.concatenate([[0], np.cumsum(quarters * GRID)])
    place, symbol, duration = sequence.events[:, :3].T
    sounding = symbol < PITCHES
    starts = lines[sequence.bar_of[sounding]] + place[sounding]
    score = ScoreTick(GRID)
    changes = np.flatnonzero(np.diff(quarters, prepend=-1))
    for bar in changes.tolist():
        score.time_signatures.append(TimeSignatureTick(int(lines[bar]), int(quarters[bar]), 4))
    track = TrackTick()
    durations = DURATION_STEPS[duration[sounding]]
    pitches = LOWEST_PITCH + symbol[sounding]
    for note in zip(starts.tolist(), durations.tolist(), pitches.tolist(), strict=True):
        track.notes.append(NoteTick(*note, _VELOCITY))
    score.tracks.append(track)
    return score
