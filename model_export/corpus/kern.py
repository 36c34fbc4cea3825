"""Read a Humdrum ``**kern`` score.

The file is a table: a spine is a column of one staff (or of words, dynamics, ...), a line is an
instant, ``*^`` and ``*v`` split and join columns. Syntax after the Humdrum reference,
https://www.humdrum.org/guide/ch05/ and https://www.humdrum.org/rep/kern/.

The pitches of ``**kern`` are sounding pitches: ``*ITr`` (transposing instrument) and ``*8va`` only
say how the page looks.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, TypeVar

import numpy as np

from firmware_py.messages.errors import UserError
from model_export.corpus import kern_tokens
from model_export.corpus.piece import Score

_ANY_DIGIT: Final = re.compile(r"\d")
_UNTIMED: Final = Fraction(-1)
_T = TypeVar("_T")


@dataclass(slots=True)
class _Spine:
    """A column. ``track``: number of the staff from the left, None where not ``**kern``."""

    track: int | None
    end: Fraction = Fraction(0)
    """Where its last note or rest ends, in steps."""


@dataclass(slots=True)
class _Note:
    onset: Fraction
    end: Fraction
    pitch: int
    track: int


@dataclass(slots=True)
class _Reading:
    """All that was read up to the present line."""

    spines: list[_Spine] = field(default_factory=list)
    tracks: int = 0
    onset: Fraction = _UNTIMED
    """Of the last line that holds a note or a rest."""
    notes: list[_Note] = field(default_factory=list)
    tied: dict[int, list[_Note]] = field(default_factory=dict)
    """Per pitch, the notes that go on with the next note."""
    metres: dict[int, tuple[int, int]] = field(default_factory=dict)
    signatures: dict[int, int] = field(default_factory=dict)
    modes: dict[int, int] = field(default_factory=dict)
    bars: list[tuple[Fraction, bool]] = field(default_factory=list)
    """Start, and whether the bar line bears a number."""
    metre_changes: list[tuple[Fraction, tuple[int, int]]] = field(default_factory=list)
    keys: list[tuple[Fraction, tuple[int, int]]] = field(default_factory=list)
    tempos: list[tuple[Fraction, float]] = field(default_factory=list)

    def now(self) -> Fraction:
        """Return the instant after the last line: where the first of what sounds there ends."""
        return min((s.end for s in self.kern() if s.end > self.onset), default=self._last())

    def kern(self) -> list[_Spine]:
        return [s for s in self.spines if s.track is not None]

    def _last(self) -> Fraction:
        return max((s.end for s in self.kern()), default=max(self.onset, Fraction(0)))


def read_kern(text: str) -> Score:
    """Read the notes, bars, keys and tempos of a Humdrum file with ``**kern`` spines.

    Raises ``UserError`` that names the line and the reason: a line whose number of columns is not
    that of the spines, a note without duration or pitch, no ``**kern`` spine.
    """
    reading = _Reading()
    # Not splitlines(): it also breaks lines at U+2028 and others that stand in words.
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.rstrip("\r")
        if not line or line.startswith("!"):
            continue
        try:
            _read_line(reading, line.split("\t"))
        except ValueError as error:
            raise UserError(f"kern line {number}: {error}") from None
    if reading.tracks == 0:
        raise UserError("kern: no **kern spine; is this a Humdrum file?")
    return _score(reading)


def _read_line(reading: _Reading, cells: list[str]) -> None:
    if not reading.spines:
        _start_spines(reading, cells)
        return
    if len(cells) != len(reading.spines):
        raise ValueError(f"{len(cells)} columns where {len(reading.spines)} spines stand")
    first = cells[0]
    if first.startswith("*"):
        _interpret(reading, cells)
        reading.spines = _next_spines(reading, cells)
    elif first.startswith("="):
        numbered = _ANY_DIGIT.search(first) is not None
        reading.bars.append((reading.now(), numbered))
    else:
        _read_notes(reading, cells)


def _start_spines(reading: _Reading, cells: Sequence[str]) -> None:
    for cell in cells:
        if not cell.startswith("**"):
            raise ValueError(f"{cell[:20]!r} where a spine has to start, such as **kern")
    start = reading.now()
    reading.spines = [_new_spine(reading, cell, start) for cell in cells]


def _new_spine(reading: _Reading, cell: str, start: Fraction) -> _Spine:
    if cell != "**kern":
        return _Spine(None, start)
    reading.tracks += 1
    return _Spine(reading.tracks - 1, start)


def _next_spines(reading: _Reading, cells: Sequence[str]) -> list[_Spine]:
    """Apply a line of interpretations to the columns: splits, joins, exchanges, ends, new ones."""
    spines = reading.spines
    result: list[_Spine] = []
    joins = False
    swapped: int | None = None
    for spine, cell in zip(spines, cells, strict=True):
        joined, joins = joins, cell == "*v"
        if cell == "*^":
            result += [spine, _Spine(spine.track, spine.end)]
        elif cell == "*v" and joined and result[-1].track == spine.track:
            result[-1].end = max(result[-1].end, spine.end)
        elif cell == "*+":
            result += [spine, _Spine(None, spine.end)]
        elif cell == "*x" and swapped is not None:
            result.append(result[swapped])
            result[swapped], swapped = spine, None
        elif cell == "*x":
            swapped = len(result)
            result.append(spine)
        elif cell.startswith("**"):
            result.append(_new_spine(reading, cell, spine.end))
        elif cell != "*-":
            result.append(spine)
    return result


def _interpret(reading: _Reading, cells: Sequence[str]) -> None:
    """Take metres, key signatures, keys and tempos; staves that differ are outvoted."""
    at = reading.now()
    for spine, cell in zip(reading.spines, cells, strict=True):
        track = spine.track
        if track is None or len(cell) < 3:
            continue
        if (metre := kern_tokens.parse_metre(cell)) is not None:
            reading.metres[track] = metre
            _set(reading.metre_changes, at, _commonest(reading.metres.values()))
        elif (fifths := kern_tokens.parse_signature(cell)) is not None:
            reading.signatures[track] = fifths
            reading.modes.pop(track, None)
            _note_key(reading, at)
        elif (mode := kern_tokens.parse_mode(cell)) is not None:
            reading.modes[track] = mode
            _note_key(reading, at)
        elif (tempo := kern_tokens.parse_tempo(cell)) is not None:
            _set(reading.tempos, at, tempo)


def _note_key(reading: _Reading, at: Fraction) -> None:
    fifths = _commonest(reading.signatures.values()) if reading.signatures else 0
    mode = _commonest(reading.modes.values()) if reading.modes else -1
    _set(reading.keys, at, (fifths, mode))


def _commonest(values: Iterable[_T]) -> _T:
    return Counter(values).most_common(1)[0][0]


def _set(changes: list[tuple[Fraction, _T]], at: Fraction, value: _T) -> None:
    if changes and changes[-1][0] == at:
        changes.pop()
    if not changes or changes[-1][1] != value:
        changes.append((at, value))


def _read_notes(reading: _Reading, cells: Sequence[str]) -> None:
    chords = [
        (spine, spine.track, chord)
        for spine, cell in zip(reading.spines, cells, strict=True)
        if spine.track is not None
        and cell != "."
        and (chord := kern_tokens.parse_chord(cell)) is not None
    ]
    if not chords:
        return
    onset = _onset(reading, [spine for spine, _, _ in chords])
    for spine, track, chord in chords:
        spine.end = onset + chord.duration
        for pitch, tie in chord.notes:
            _add_note(reading, _Note(onset, spine.end, pitch, track), tie)
    reading.onset = onset


def _onset(reading: _Reading, starting: Sequence[_Spine]) -> Fraction:
    """Find the instant of a line: where what goes before ends.

    In a sound file all agree. Where a bar is too long or short in one staff the most decide; a
    column that was silent for a while has no say.
    """
    ends = [spine.end for spine in starting if spine.end > reading.onset]
    return _commonest(ends) if ends else reading.now()


def _add_note(reading: _Reading, note: _Note, tie: kern_tokens.Tie) -> None:
    waiting = [n for n in reading.tied.pop(note.pitch, ()) if n.end >= note.onset]
    if tie in {"_", "]"}:
        before = [n for n in waiting if n.end == note.onset]
        if before:
            same = [n for n in before if n.track == note.track]
            start = (same or before)[0]
            waiting = [n for n in waiting if n is not start]
            start.end = note.end
            note = start
        else:
            reading.notes.append(note)
    else:
        reading.notes.append(note)
    if tie in {"[", "_"}:
        waiting.append(note)
    if waiting:
        reading.tied[note.pitch] = waiting


def _score(reading: _Reading) -> Score:
    end = max((n.end for n in reading.notes), default=Fraction(0))
    return Score(
        notes=_note_rows(reading),
        bars=_bar_rows(reading, end),
        keys=np.array([(_step(t), *key) for t, key in reading.keys], np.int32).reshape(-1, 3),
        tempos=np.array([(_step(t), bpm) for t, bpm in reading.tempos], np.float32).reshape(-1, 2),
    )


def _step(time: Fraction) -> int:
    """Round to the nearest step; half a step goes up."""
    return int((2 * time.numerator + time.denominator) // (2 * time.denominator))


def _note_rows(reading: _Reading) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    longest: dict[tuple[int, int], tuple[int, int]] = {}
    for note in reading.notes:
        onset = _step(note.onset)
        duration = max(1, _step(note.end) - onset)
        part = reading.tracks - 1 - note.track
        key, value = (onset, -note.pitch), (duration, -part)
        longest[key] = max(longest.get(key, value), value)
    rows = [(t, d, -p, -part) for (t, p), (d, part) in sorted(longest.items())]
    return np.array(rows, np.int32).reshape(-1, 4)


def _bar_rows(reading: _Reading, end: Fraction) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    starts = sorted({Fraction(0), *(t for t, _ in reading.bars if t < end)})
    rows = []
    metre = (4, 4)
    changes = list(reading.metre_changes)
    for start in starts:
        while changes and changes[0][0] <= start:
            metre = changes.pop(0)[1]
        rows.append((_step(start), *metre))
    return np.array(rows, np.int32).reshape(-1, 3)
