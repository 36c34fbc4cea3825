"""Standard MIDI files (typeset from LilyPond, so on a strict grid) to a ``Score``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.messages.errors import UserError
from model_export.corpus.assemble import rounding, score_of, to_steps
from model_export.corpus.pickup import pickup
from model_export.corpus.piece import GRID, Score

if TYPE_CHECKING:
    from symusic.core import ScoreTick

GRACE_STEPS: Final = 3
"""LilyPond plays a grace note for a quarter (later versions: 9/40) of its value before the beat:
1.5 or 1.35 steps for a 16th, 3 or 2.7 for an eighth. So shorter than this and off the grid means
a grace note; the real 64th notes that go with them do not fit the grid either."""

_Raw = tuple[int, int, int]
"""Onset, end (ticks), pitch."""


def read_midi(data: bytes) -> Score:
    """Read one file; each track that holds notes is a part, drums are left out.

    Raises ``UserError``: not MIDI, damaged, no notes, or timed in seconds instead of quarters.
    """
    # Imported here: only this reader needs it.
    from symusic.core import ScoreTick  # noqa: PLC0415

    try:
        song = ScoreTick.from_midi(data)
    except (RuntimeError, ValueError) as error:
        raise UserError(f"is not a MIDI file that can be read: {error}") from error
    if song.tpq <= 0:
        raise UserError("has no ticks per quarter note")
    tpq = song.tpq
    tracks = [track for track in song.tracks if not track.is_drum and len(track.notes)]
    notes: list[tuple[int, int, int, int]] = []
    times: list[tuple[int, int, int]] = []
    for part, track in enumerate(tracks):
        raw = sorted((note.time, note.time + note.duration, note.pitch) for note in track.notes)
        for first, last, pitch in _without_graces(raw, tpq):
            onset = to_steps(first, tpq)
            notes.append((onset, max(to_steps(last, tpq) - onset, 1), pitch, part))
            times.append((first, last - first, tpq))
    if not notes:
        raise UserError("holds no notes")
    return score_of(
        notes,
        _bars(_metres(song), np.array(sorted(notes), dtype=np.int32)),
        _keys(song),
        ((to_steps(tempo.time, tpq), tempo.qpm) for tempo in song.tempos),
        rounding(times),
    )


def _without_graces(notes: list[_Raw], tpq: int) -> Iterator[_Raw]:
    """Drop grace notes and give their time back to the note that was cut short for them."""
    graces = {note for note in notes if _is_grace(note[1] - note[0], tpq)}
    sounding_until = {start: end for start, end, _ in graces}
    for note in notes:
        if note in graces:
            continue
        start, end, pitch = note
        while end in sounding_until:
            end = sounding_until[end]
        yield start, end, pitch


def _is_grace(duration: int, tpq: int) -> bool:
    return 0 <= duration * GRID < GRACE_STEPS * tpq and duration * GRID % tpq != 0


def _keys(song: ScoreTick) -> list[tuple[int, int, int]]:
    """Take at each place what most tracks say: transposing parts name keys of their own."""
    named: dict[int, Counter[tuple[int, int]]] = {}
    for key in song.key_signatures:
        if abs(key.key) <= 7 and key.tonality in (0, 1):
            at = named.setdefault(to_steps(key.time, song.tpq), Counter())
            at[key.key, key.tonality] += 1
    return [(step, *votes.most_common(1)[0][0]) for step, votes in named.items()]


def _metres(song: ScoreTick) -> list[tuple[int, int, int]]:
    """(step, numerator, denominator); 4/4 until the first that is named."""
    named = {0: (4, 4)} | {
        to_steps(metre.time, song.tpq): (metre.numerator, metre.denominator)
        for metre in song.time_signatures
        if metre.numerator > 0 and metre.denominator > 0
    }
    return [(step, *named[step]) for step in sorted(named)]


def _bars(
    metres: list[tuple[int, int, int]], notes: NDArray[np.int32]
) -> list[tuple[int, int, int]]:
    """Bars of full length after a pickup; a new time signature starts one, even inside one."""
    end = int((notes[:, 0] + notes[:, 1]).max())
    stops = [step for step, _, _ in metres[1:]] + [end]
    bars: list[tuple[int, int, int]] = []
    for (start, numerator, denominator), stop in zip(metres, stops, strict=True):
        length = max(1, numerator * 4 * GRID // denominator)
        begin = start
        if start == 0 and (short := _pickup(notes, length, stop if stop < end else None)):
            bars.append((0, numerator, denominator))
            begin = short
        bars += [(first, numerator, denominator) for first in range(begin, stop, length)]
    return bars


def _pickup(notes: NDArray[np.int32], bar: int, change: int | None) -> int:
    """Count back from the first change of metre, which is at a bar line; else estimate."""
    return pickup(notes, bar) if change is None else change % bar
