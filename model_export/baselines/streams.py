"""Music as one stream of tokens, however it was tokenised, with what of it is to be foretold.

What our model is told of a piece for nothing (its texture, its metre, that a first bar begins)
stands in the stream for the baselines, too, and is not counted there either. Everything that our
model pays for (places, pitches, lengths, bar lines, the bar line that ends the last bar) is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.condition import METRES, TEXTURES, Texture
from firmware_py.compose.controls import CONTROLS
from model_export.composer.sequences import Sequence

PADDING: Final = 0
FIRST_METRE: Final = 1
FIRST_TEXTURE: Final = FIRST_METRE + len(METRES) + 1
GIVEN: Final = FIRST_TEXTURE + len(TEXTURES)
"""How many tokens at the beginning of every vocabulary are never foretold."""


@dataclass(frozen=True, slots=True)
class Stream:
    """The tokens of one sequence; all arrays are (n,)."""

    piece: str
    tokens: NDArray[np.int16]
    places: NDArray[np.int16]
    """The step in the bar that each token stands at, for networks that are told; BAR before."""
    counted: NDArray[np.bool_]
    """Which tokens have to be foretold from those before."""
    notes: int


def metre_tokens(sequence: Sequence) -> NDArray[np.int16]:
    """Return (bars,) the token of each bar's metre, as our model is told it."""
    first = 2 * CONTROLS
    told = sequence.conditions[:, first : first + len(METRES) + 1]
    tokens: NDArray[np.int16] = (FIRST_METRE + told.argmax(axis=1)).astype(np.int16)
    return tokens


def texture_token(texture: Texture) -> int:
    """Return the token of a texture."""
    return FIRST_TEXTURE + TEXTURES.index(texture)
