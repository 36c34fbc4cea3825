"""Chorales higher or lower, as far as the voices' ranges in the training split allow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model_export.jsb.chorales import REST, VOICES, Chorale


def transposed(chorale: Chorale, semitones: int) -> Chorale:
    """Return the chorale so much higher; rests stay."""
    moved: Chorale = np.where(chorale == REST, REST, chorale + semitones)
    return moved


def transpositions(chorale: Chorale, train: tuple[Chorale, ...]) -> range:
    """Return by how many semitones every voice can move within its range in ``train``."""
    lowest, highest = ranges(train)
    sounding = [chorale[:, v][chorale[:, v] != REST] for v in range(VOICES)]
    down = max(int(lowest[v] - s.min()) for v, s in enumerate(sounding) if len(s))
    up = min(int(highest[v] - s.max()) for v, s in enumerate(sounding) if len(s))
    return range(min(down, 0), max(up, 0) + 1)


def ranges(train: tuple[Chorale, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each voice's lowest and highest pitch, (4,) and (4,)."""
    grid = np.vstack(train)
    return np.where(grid == REST, 127, grid).min(axis=0), grid.max(axis=0)
