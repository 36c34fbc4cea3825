"""Which chords a bar may use: plain when tension is low, led to its cadence, closed at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.form import Place
from firmware_py.compose.vocabulary import CHORDS, PITCHES, chord_symbol
from firmware_py.messages.score import ChordQuality

Chords = frozenset[tuple[int, ChordQuality]]
Mode = Literal["major", "minor"]

# Roots are relative to the signature: C major and A minor share all of these.
TRIADS: Final[Chords] = frozenset(
    {(0, "maj"), (2, "min"), (4, "min"), (5, "maj"), (7, "maj"), (9, "min")}
)
SEVENTHS: Final[Chords] = frozenset(
    {(0, "maj7"), (2, "min7"), (4, "min7"), (5, "maj7"), (9, "min7"), (7, "dom7"), (7, "sus4")}
)
MINOR_DOMINANTS: Final[Chords] = frozenset({(4, "maj"), (4, "dom7")})
LEADING: Final[Chords] = frozenset({(11, "dim"), (2, "dom7"), (9, "dom7"), (0, "dom7"), (2, "maj")})
BORROWED: Final[Chords] = frozenset({(5, "min"), (10, "maj"), (8, "maj"), (3, "maj"), (8, "dim")})

TONIC: Final[dict[Mode, tuple[int, ChordQuality]]] = {"major": (0, "maj"), "minor": (9, "min")}
DOMINANTS: Final[dict[Mode, Chords]] = {
    "major": frozenset({(7, "maj"), (7, "dom7")}),
    "minor": frozenset({(4, "maj"), (4, "dom7")}),
}
PREDOMINANTS: Final[dict[Mode, Chords]] = {
    "major": frozenset({(5, "maj"), (2, "min"), (2, "min7"), (9, "min")}),
    "minor": frozenset({(5, "maj"), (2, "min"), (2, "min7"), (11, "dim")}),
}
LONGEST_HELD: Final = 2
"""Bars that one chord may last; after that the next bar opens with another."""


@dataclass(frozen=True, slots=True)
class Held:
    """For how many whole bars the root of the last chord has not changed."""

    root: int = -1
    bars: int = 0

    def after(self, roots: tuple[int, ...]) -> Held:
        """Return what is held after a bar with chords on ``roots``."""
        if len(set(roots)) > 1:
            return Held(roots[-1], 0)
        return Held(roots[0], self.bars + 1 if roots[0] == self.root else 1)


def palette(mode: Mode, tension: float) -> Chords:
    """Return the chords that a tension in [0, 1] may use."""
    chords = TRIADS
    if tension >= 0.15:
        chords |= SEVENTHS
    if mode == "minor":
        chords |= MINOR_DOMINANTS
    if tension >= 0.5:
        chords |= LEADING | MINOR_DOMINANTS
    if tension >= 0.75:
        chords |= BORROWED
    return chords


def chords_for(place: Place, mode: Mode, tension: float, held: Held) -> tuple[Chords, Chords]:
    """Return what may open the bar and what may come in its middle; empty: no second chord.

    A phrase that closes goes by way of its dominant: ... predominant, dominant, tonic.
    """
    tonic = frozenset({TONIC[mode]})
    to_go = place.phrase_bars - 1 - place.phrase_bar
    everything = palette(mode, tension)
    if place.cadence in {"full", "final"}:
        return tonic, frozenset()
    if place.cadence == "half":
        return DOMINANTS[mode], frozenset()
    if place.phrase_bar == 0 and place.returns_to is None:
        return tonic, everything
    if to_go == 1:
        closing = place.heads_for != "half"
        return (DOMINANTS if closing else PREDOMINANTS)[mode], frozenset()
    if held.bars >= LONGEST_HELD:
        everything = frozenset(chord for chord in everything if chord[0] != held.root)
    return everything, everything


def symbol_mask(chords: Chords) -> NDArray[np.bool_]:
    """Return (CHORDS,) flags."""
    mask = np.zeros(CHORDS, dtype=np.bool_)
    for root, quality in chords:
        mask[chord_symbol(root, quality) - PITCHES] = True
    return mask
