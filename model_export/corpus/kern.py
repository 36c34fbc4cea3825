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
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import Final, TypeVar

from firmware_py.messages.errors import UserError
from model_export.corpus import kern_tokens
from model_export.corpus.assemble import rounding, score_of, to_steps
from model_export.corpus.kern_bars import BarLine, Metre, bars_of
from model_export.corpus.piece import Score

# The second is a staff that the page hides; its music belongs to the piece all the same.
_KERN: Final = frozenset({"**kern", "**kernyy"})
_DIGIT: Final = re.compile(r"\d")
_BEFORE: Final = Fraction(-1)
_UNSAID_METRE: Final = (4, 4)
_T = TypeVar("_T")


@dataclass(slots=True)
class _Spine:
    """A column. ``track``: number of the staff from the left, None where not ``**kern``."""

    track: int | None
    end: Fraction = Fraction(0)
    """Where its last note or rest ends."""


@dataclass(slots=True)
class _Note:
    onset: Fraction
    end: Fraction
    pitch: int
    track: int


@dataclass(slots=True)
class _Reading:
    """All that was read up to the present line. Times are in quarter notes."""

    spines: list[_Spine] = field(default_factory=list)
    tracks: int = 0
    onset: Fraction = _BEFORE
    """Of the last line that holds a note or a rest."""
    end: Fraction = Fraction(0)
    """Where the last note or rest ends."""
    notes: list[_Note] = field(default_factory=list)
    tied: dict[int, list[_Note]] = field(default_factory=dict)
    """Per pitch, the notes that go on with the next note."""
    metres: dict[int, Metre] = field(default_factory=dict)
    """This and the next two: per track."""
    signatures: dict[int, int] = field(default_factory=dict)
    modes: dict[int, int] = field(default_factory=dict)
    bar_lines: list[BarLine] = field(
        default_factory=lambda: [BarLine(_BEFORE, Fraction(0), True, _UNSAID_METRE)]  # noqa: FBT003
    )
    keys: list[tuple[int, int, int]] = field(default_factory=list)
    tempos: list[tuple[int, float]] = field(default_factory=list)

    def now(self) -> Fraction:
        """Return the instant after the last line: where the first of what sounds there ends."""
        ends = (spine.end for spine in self.spines if spine.track is not None)
        return min((end for end in ends if end > self.onset), default=self.end)


def read_kern(text: str) -> Score:
    """Read the notes, bars, keys and tempos of a Humdrum file with ``**kern`` spines.

    Part 0 is the last ``**kern`` column: the top staff stands on the right. Where no time signature
    is named it is taken for 4/4. Raises ``UserError`` that names the line and the reason: a line
    whose number of columns is not that of the spines, a note without duration; or a file that
    was cut, has no ``**kern`` spine or no notes.
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
            raise UserError(f"line {number}: {error}") from None
    if reading.tracks == 0:
        raise UserError("has no **kern spine")
    if reading.spines:
        raise UserError("ends before its spines do (*-): it was cut")
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
        _add_bar_line(reading, numbered=_DIGIT.search(first) is not None)
    else:
        _read_notes(reading, cells)


def _start_spines(reading: _Reading, cells: Sequence[str]) -> None:
    for cell in cells:
        if not cell.startswith("**"):
            raise ValueError(f"{cell[:20]!r} where a spine has to start, such as **kern")
    start = reading.now()
    reading.spines = [_new_spine(reading, cell, start) for cell in cells]


def _new_spine(reading: _Reading, cell: str, start: Fraction) -> _Spine:
    if cell not in _KERN:
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
    step = _step(reading.now())
    for spine, cell in zip(reading.spines, cells, strict=True):
        track = spine.track
        if track is None or len(cell) < 3:
            continue
        if (metre := kern_tokens.parse_metre(cell)) is not None:
            reading.metres[track] = metre
            _set_metre(reading)
        elif (fifths := kern_tokens.parse_signature(cell)) is not None:
            reading.signatures[track] = fifths
            reading.modes.pop(track, None)
            _add_key(reading, step)
        elif (mode := kern_tokens.parse_mode(cell)) is not None:
            reading.modes[track] = mode
            _add_key(reading, step)
        elif (tempo := kern_tokens.parse_tempo(cell)) is not None:
            reading.tempos.append((step, tempo))


def _set_metre(reading: _Reading) -> None:
    """Let a signature right after a bar line hold for its bar, a later one from the next on."""
    last = reading.bar_lines[-1]
    if reading.onset < last.at:
        last.metre = _commonest(reading.metres.values())


def _add_bar_line(reading: _Reading, *, numbered: bool) -> None:
    metre = _commonest(reading.metres.values()) if reading.metres else _UNSAID_METRE
    reading.bar_lines.append(BarLine(reading.onset, reading.now(), numbered, metre))


def _place_bar_lines(reading: _Reading, at: Fraction) -> None:
    """Set the bar lines since the last notes to where the next begin: a column may fall silent."""
    for line in reversed(reading.bar_lines):
        if line.after != reading.onset:
            break
        line.at = at


def _add_key(reading: _Reading, step: int) -> None:
    fifths = _commonest(reading.signatures.values()) if reading.signatures else 0
    mode = _commonest(reading.modes.values()) if reading.modes else -1
    reading.keys.append((step, fifths, mode))


def _commonest(values: Iterable[_T]) -> _T:
    return Counter(values).most_common(1)[0][0]


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
        reading.end = max(reading.end, spine.end)
    _place_bar_lines(reading, onset)
    reading.onset = onset


def _onset(reading: _Reading, starting: Sequence[_Spine]) -> Fraction:
    """Find the instant of a line: where what goes before ends.

    In a sound file all agree. Where a bar is too long or short in one staff the most decide; a
    column that was silent for a while has no say.
    """
    ends = [spine.end for spine in starting if spine.end > reading.onset]
    return _commonest(ends) if ends else reading.now()


def _add_note(reading: _Reading, note: _Note, tie: kern_tokens.Tie) -> None:
    """Add a note, or lengthen the one that it is tied to, in the same staff if there is one."""
    waiting = [other for other in reading.tied.pop(note.pitch, ()) if other.end >= note.onset]
    before = [other for other in waiting if other.end == note.onset]
    if tie in {"_", "]"} and before:
        start = min(before, key=lambda other: other.track != note.track)
        waiting = [other for other in waiting if other is not start]
        start.end = note.end
        note = start
    else:
        reading.notes.append(note)
    if tie in {"[", "_"}:
        waiting.append(note)
    if waiting:
        reading.tied[note.pitch] = waiting


def _score(reading: _Reading) -> Score:
    _place_bar_lines(reading, reading.end)
    notes = []
    for note in reading.notes:
        onset, part = _step(note.onset), reading.tracks - 1 - note.track
        notes.append((onset, max(1, _step(note.end) - onset), note.pitch, part))
    end = max((note.end for note in reading.notes), default=Fraction(0))
    bars = [(_step(start), *metre) for start, metre in bars_of(reading.bar_lines, end)]
    return score_of(notes, bars, reading.keys, reading.tempos, rounding(_times(reading.notes)))


def _times(notes: Iterable[_Note]) -> Iterator[tuple[int, int, int]]:
    for note in notes:
        unit = lcm(note.onset.denominator, note.end.denominator)
        yield int(note.onset * unit), int((note.end - note.onset) * unit), unit


def _step(time: Fraction) -> int:
    return to_steps(time.numerator, time.denominator)
