"""The vector that tells every layer of the composer what the bar should be like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.controls import CONTROLS

Texture = Literal["hymn", "song", "quartet", "piano", "keyboard", "organ", "choir", "other"]
TEXTURES: Final[tuple[Texture, ...]] = get_args(Texture)

METRES: Final = ((4, 4), (3, 4), (2, 4), (2, 2), (6, 8))
"""Time signatures with a place of their own; all others share one more."""

CONDITION: Final = 2 * CONTROLS + len(METRES) + 1 + 3 + len(TEXTURES)
"""Controls, which of them are given, metre, from the start / to the end / end known, texture."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds a bar: all of the condition but the controls."""

    metre: tuple[int, int]
    bar: int
    """Bars since the music began."""
    bars_left: int | None
    """Bars after this one; None when no end is in sight."""
    texture: Texture | None


def condition_vector(
    controls: NDArray[np.float32], given: NDArray[np.bool_], frame: Frame
) -> NDArray[np.float32]:
    """Return (CONDITION,) float32; ``controls`` and ``given`` are (CONTROLS,)."""
    metre = np.zeros(len(METRES) + 1, dtype=np.float32)
    metre[METRES.index(frame.metre) if frame.metre in METRES else len(METRES)] = 1.0
    texture = np.zeros(len(TEXTURES), dtype=np.float32)
    if frame.texture is not None:
        texture[TEXTURES.index(frame.texture)] = 1.0
    ending = 0.0 if frame.bars_left is None else float(np.exp(-frame.bars_left / 4.0))
    place = [np.exp(-frame.bar / 4.0), ending, float(frame.bars_left is not None)]
    return np.concatenate(
        [np.where(given, controls, 0.0), given, metre, place, texture], dtype=np.float32
    )
