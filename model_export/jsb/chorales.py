"""The chorales as published: a sixteenth grid, soprano, alto, tenor and bass, three splits."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.messages.errors import MissingError, UserError

BENCH: Final = Path("..") / "shared" / "bench" / "Jsb16thSeparated.npz"
UPSTREAM: Final = "https://github.com/czhuang/JSB-Chorales-dataset/raw/master/Jsb16thSeparated.npz"
VOICES: Final = 4
REST: Final = -1
"""What a silent cell holds; it is predicted and counted like any other."""
ORDER: Final = (3, 0, 1, 2)
"""In which order the voices of one sixteenth are predicted: bass, soprano, alto, tenor."""
BAR: Final = 16
"""Sixteenths of a bar, counted from the first cell: whether that is an upbeat is not known."""
LONGEST: Final = 24
"""From how many sixteenths on a held pitch only counts as long."""
PADDING: Final = -1
"""A target that does not count."""

Chorale = NDArray[np.int64]
"""(steps, 4): MIDI numbers or ``REST``, from soprano to bass."""


@dataclass(frozen=True, slots=True)
class Chorales:
    """The published split."""

    train: tuple[Chorale, ...]
    validation: tuple[Chorale, ...]
    test: tuple[Chorale, ...]


def load(path: Path = BENCH) -> Chorales:
    """Read the three splits; MissingError without the file, UserError if it holds something else.

    The file is an archive of pickled arrays: give it only the published one.
    """
    if not path.exists():
        raise MissingError(f"no chorales at {path}.", fix=f"curl -L -o {path} {UPSTREAM}")
    try:
        with np.load(path, allow_pickle=True, encoding="latin1") as archive:
            splits = [tuple(map(_chorale, archive[k])) for k in ("train", "valid", "test")]
    except (KeyError, ValueError, zipfile.BadZipFile) as error:
        raise UserError(f"{path} does not hold the chorales: {error}.") from error
    return Chorales(*splits)


def _chorale(raw: NDArray[Any]) -> Chorale:
    """Return whole numbers for the published floats, whose NaN is a rest."""
    grid = np.asarray(raw, dtype=np.float64)
    if grid.ndim != 2 or grid.shape[1] != VOICES:
        raise ValueError(f"a chorale of shape {grid.shape}")
    chorale: Chorale = np.where(np.isnan(grid), REST, np.nan_to_num(grid)).astype(np.int64)
    return chorale
