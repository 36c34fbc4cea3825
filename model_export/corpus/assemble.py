"""What every reader shares: rounding to the grid, and from plain lists to a ``Score``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from firmware_py.messages.errors import UserError
from model_export.corpus.piece import GRID, Rounding, Score

LOWEST, HIGHEST = 0, 127
LATEST = np.iinfo(np.int32).max
_Event = TypeVar("_Event", bound=tuple[float, ...])


def to_steps(position: int, per_quarter: int) -> int:
    """Nearest step of a position in units of ``1 / per_quarter`` of a quarter; halves round up."""
    return (2 * position * GRID + per_quarter) // (2 * per_quarter)


def off_grid(position: int, per_quarter: int) -> bool:
    """Whether ``to_steps`` moves a position."""
    return position * GRID % per_quarter != 0


def rounding(times: Iterable[tuple[int, int, int]]) -> Rounding:
    """Count what the grid moves. ``times``: (onset, duration, units a quarter) of each note."""
    notes = onsets = durations = 0
    for onset, duration, per_quarter in times:
        notes += 1
        onsets += off_grid(onset, per_quarter)
        durations += off_grid(duration, per_quarter)
    return Rounding(notes, onsets, durations)


def score_of(
    notes: Sequence[tuple[int, int, int, int]],
    bars: Sequence[tuple[int, int, int]],
    keys: Iterable[tuple[int, int, int]],
    tempos: Iterable[tuple[int, float]],
    rounded: Rounding | None = None,
) -> Score:
    """Sort, drop doubled notes, repeated keys and repeated tempos.

    ``notes``: (onset, duration, pitch, part) in steps; ``bars``, ``keys`` and ``tempos`` as in
    ``Score``. Raises ``UserError`` when there is no note, a pitch that MIDI cannot hold, or a
    time that 32 bits cannot.
    """
    if not notes:
        raise UserError("holds no notes")
    if max(onset + duration for onset, duration, _, _ in notes) > LATEST:
        raise UserError("lasts longer than any piece of music")
    table = np.array(notes, dtype=np.int32).reshape(-1, 4)
    if table[:, 2].min() < LOWEST or table[:, 2].max() > HIGHEST:
        raise UserError("has a pitch outside MIDI's 0 to 127")
    return Score(
        notes=without_doubles(table),
        bars=np.array(bars, dtype=np.int32).reshape(-1, 3),
        keys=np.array(_changes(keys), dtype=np.int32).reshape(-1, 3),
        tempos=np.array(_changes(tempos), dtype=np.float32).reshape(-1, 2),
        rounded=rounded,
    )


def without_doubles(notes: NDArray[np.int32]) -> NDArray[np.int32]:
    """Sorted by onset, then pitch from high to low; of a unison the longest note stays."""
    order = np.lexsort((notes[:, 3], -notes[:, 1], -notes[:, 2], notes[:, 0]))
    ordered = notes[order]
    first = np.ones(len(ordered), dtype=np.bool_)
    first[1:] = (ordered[1:, 0] != ordered[:-1, 0]) | (ordered[1:, 2] != ordered[:-1, 2])
    kept = ordered[first]
    kept[:, 1] = np.maximum(kept[:, 1], 1)
    return np.ascontiguousarray(kept)


def _changes(events: Iterable[_Event]) -> list[_Event]:
    """In order of time; the last at a step stands, and what repeats the one before goes."""
    at: dict[float, _Event] = {event[0]: event for event in events}
    kept: list[_Event] = []
    for step in sorted(at):
        if not kept or at[step][1:] != kept[-1][1:]:
            kept.append(at[step])
    return kept
