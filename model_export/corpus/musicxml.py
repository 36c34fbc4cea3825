"""MusicXML (partwise, plain or compressed) to a ``Score``.

The format: https://www.w3.org/2021/06/musicxml40/. Read here is only what sounds on the grid:
pitches, durations, ties, transposition, signatures, tempo marks. Each bar of a part starts where
the longest copy of the bar before ends in any part, so roundings of tuplets do not add up.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Final
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from firmware_py.messages.errors import UserError
from model_export.corpus.assemble import rounding, score_of, to_steps
from model_export.corpus.damage import ZIP_ERRORS
from model_export.corpus.musicxml_part import PartBar, PartReader
from model_export.corpus.piece import GRID, Score

ZIP_MAGIC: Final = b"PK\x03\x04"
MAX_BYTES: Final = 256 * 1024 * 1024
"""A compressed score that claims to be bigger is refused instead of filling the memory."""


def read_musicxml(data: bytes) -> Score:
    """Read ``.musicxml`` or ``.mxl``.

    Raises ``UserError``: not XML or damaged, or as ``score_of_document``.
    """
    return score_of_document(_root(_uncompressed(data) if data.startswith(ZIP_MAGIC) else data))


def score_of_document(root: Element) -> Score:
    """Read a parsed ``<score-partwise>``.

    Raises ``UserError``: another kind of document, bad values, no notes, or parts that drift apart
    (polymeter has no bar line that all parts share; its parts are not of one length on paper).
    """
    parts = [bars for bars in map(list, _part_bars(root)) if any(bar.notes for bar in bars)]
    if not parts:
        raise UserError("holds no notes")
    return _merged(parts)


def _uncompressed(data: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            name = _root_file(archive)
            if archive.getinfo(name).file_size > MAX_BYTES:
                raise UserError(f"{name} is larger than {MAX_BYTES} bytes")
            return archive.read(name)
    except ZIP_ERRORS as error:
        raise UserError(f"is a damaged .mxl: {error}") from error


def _root_file(archive: zipfile.ZipFile) -> str:
    """Named by ``META-INF/container.xml``, as the format asks."""
    container = _root(archive.read("META-INF/container.xml"))
    for entry in container.iter():
        if entry.tag.rpartition("}")[2] == "rootfile" and "full-path" in entry.attrib:
            return entry.attrib["full-path"]
    raise UserError("is an .mxl whose container names no score")


def _root(text: bytes) -> Element:
    try:
        return ET.fromstring(text)  # noqa: S314 - expat >= 2.4.1 stops entity bombs
    except ET.ParseError as error:
        raise UserError(f"is not well-formed XML: {error}") from error


def _part_bars(root: Element) -> Iterator[Iterator[PartBar]]:
    if root.tag != "score-partwise":
        raise UserError(f"is not partwise MusicXML but <{root.tag}>")
    first_staff = 0
    for part in root.iter("part"):
        reader = PartReader(first_staff)
        yield reader.bars(part)
        first_staff += reader.staves


@dataclass(slots=True)
class _OpenTie:
    index: int
    end: int


def _merged(parts: list[list[PartBar]]) -> Score:
    """Lay the bars of all parts on one line of time; the first part's bar lines stand."""
    notes: list[tuple[int, int, int, int]] = []
    keys: list[tuple[int, int, int]] = []
    tempos: list[tuple[int, float]] = []
    starts = _bar_starts(parts)
    key_part = next((n for n, part in enumerate(parts) if not part[0].transposes), 0)
    for number, (part, part_starts) in enumerate(zip(parts, starts, strict=True)):
        ties: dict[int, _OpenTie] = {}
        for bar, start in zip(part, part_starts, strict=True):
            _lay_notes(bar, start, notes, ties)
            tempos += [(start + to_steps(at, bar.divisions), bpm) for at, bpm in bar.tempos]
            if number == key_part:
                keys += [(start + to_steps(at, bar.divisions), *key) for at, key in bar.keys]
    bars = [(start, *bar.metre) for start, bar in zip(starts[0], parts[0], strict=True)]
    written = (
        (note.at, note.duration, bar.divisions)
        for part in parts
        for bar in part
        for note in bar.notes
    )
    return score_of(notes, bars, keys, tempos, rounding(written))


def _bar_starts(parts: list[list[PartBar]]) -> list[list[int]]:
    """First step of each bar of each part.

    Where parts have other metres or another number of bars (a bar line was forgotten) their bars
    are laid end to end, which is right if all parts are of one length.
    """
    lengths = [[_steps(bar) for bar in part] for part in parts]
    metres = [[bar.metre for bar in part] for part in parts]
    if all(own == metres[0] for own in metres):
        together = list(accumulate(map(max, *lengths, lengths[0]), initial=0))[:-1]
        return [together] * len(parts)
    if len({sum(own) for own in lengths}) > 1:
        raise UserError("has parts in different metres, or of different lengths")
    return [list(accumulate(own, initial=0))[:-1] for own in lengths]


def _steps(bar: PartBar) -> int:
    numerator, denominator = bar.metre
    return to_steps(bar.length, bar.divisions) or numerator * 4 * GRID // denominator


def _lay_notes(
    bar: PartBar,
    start: int,
    notes: list[tuple[int, int, int, int]],
    open_ties: dict[int, _OpenTie],
) -> None:
    """Append the bar's notes; a tied note lengthens the one that it continues.

    A rest or a jump between the two (as from the first into the second ending) breaks the tie.
    """
    for at, duration, pitch, staff, tied_to, tied_on in bar.notes:
        onset = start + to_steps(at, bar.divisions)
        end = max(start + to_steps(at + duration, bar.divisions), onset + 1)
        before = open_ties.pop(pitch, None) if tied_to else None
        if before is not None and abs(before.end - onset) <= 1:
            index = before.index
            first, _, _, part = notes[index]
            notes[index] = (first, end - first, pitch, part)
        else:
            index = len(notes)
            notes.append((onset, end - onset, pitch, staff))
        if tied_on:
            open_ties[pitch] = _OpenTie(index, end)
