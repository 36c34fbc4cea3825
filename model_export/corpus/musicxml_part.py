"""One part of a MusicXML score, bar by bar, in the part's own divisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final, NamedTuple
from xml.etree.ElementTree import Element

from firmware_py.messages.errors import UserError

PITCH_CLASS: Final = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
MODES: Final = {"major": 0, "ionian": 0, "minor": 1, "aeolian": 1}
QUARTERS: Final = {"whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5, "16th": 0.25}
"""Note values that metronome marks use."""


class PartNote(NamedTuple):
    """Times in divisions from the start of the bar; ``pitch`` as it sounds."""

    at: int
    duration: int
    pitch: int
    staff: int
    tied_to: bool
    tied_on: bool


@dataclass(slots=True)
class PartBar:
    """A bar of one part. ``keys``: (at, (fifths, mode)); ``tempos``: (at, quarters a minute)."""

    divisions: int
    metre: tuple[int, int]
    transposes: bool
    length: int = 0
    notes: list[PartNote] = field(default_factory=list)
    keys: list[tuple[int, tuple[int, int]]] = field(default_factory=list)
    tempos: list[tuple[int, float]] = field(default_factory=list)


class PartReader:
    """Reads the bars of one ``<part>`` in order; attributes hold until they are changed."""

    def __init__(self, first_staff: int) -> None:
        self._first_staff = first_staff
        self._divisions = 1
        self._metre = (4, 4)
        self._transpose = 0
        self.staves = 1
        """Known once the bars were read."""

    def bars(self, part: Element) -> Iterator[PartBar]:
        """Raise ``UserError`` for a number that is missing or makes no sense."""
        for measure in part.iter("measure"):
            try:
                yield self._bar(measure)
            except (ValueError, KeyError, ArithmeticError) as error:
                number = measure.get("number", "?")
                raise UserError(f"has a bad value in bar {number}: {error}") from error

    def _bar(self, measure: Element) -> PartBar:
        bar = PartBar(self._divisions, self._metre, self._transpose != 0)
        now = onset = 0
        for item in measure:
            match item.tag:
                case "note":
                    if item.find("grace") is not None or item.find("cue") is not None:
                        continue
                    duration = _number(item, "duration")
                    if item.find("chord") is None:
                        onset, now = now, now + duration
                    self._add_note(bar, item, onset, duration)
                case "backup":
                    now = max(0, now - _number(item, "duration"))
                case "forward":
                    now += _number(item, "duration")
                case "attributes":
                    now = self._attributes(bar, item, now)
                case "direction" | "sound":
                    _add_tempo(bar, item, now)
            bar.length = max(bar.length, now)
        return bar

    def _add_note(self, bar: PartBar, note: Element, at: int, duration: int) -> None:
        pitch = note.find("pitch")
        if pitch is None or duration <= 0:
            return
        ties = {tie.get("type") for tie in note.iterfind("tie")}
        staff = _number(note, "staff", 1)
        self.staves = max(self.staves, staff)
        bar.notes.append(
            PartNote(
                at,
                duration,
                _midi_pitch(pitch) + self._transpose,
                self._first_staff + staff - 1,
                "stop" in ties,
                "start" in ties,
            )
        )

    def _attributes(self, bar: PartBar, attributes: Element, now: int) -> int:
        """Return the present place, which is in new divisions if they change."""
        divisions = _number(attributes, "divisions", self._divisions)
        if divisions <= 0:
            raise ValueError(f"divisions {divisions}")
        if divisions != self._divisions:
            _rescale(bar, Fraction(divisions, self._divisions))
            now = now * divisions // self._divisions
            self._divisions = divisions
        self.staves = max(self.staves, _number(attributes, "staves", 1))
        time = attributes.find("time")
        if time is not None and time.find("beats") is not None:
            self._metre = bar.metre = _metre(time)
        transpose = attributes.find("transpose")
        if transpose is not None:
            octaves = _number(transpose, "octave-change", 0)
            self._transpose = _number(transpose, "chromatic") + 12 * octaves
            bar.transposes = self._transpose != 0
        key = attributes.find("key")
        if key is not None and key.find("fifths") is not None:
            mode = MODES.get(key.findtext("mode", ""), -1)
            bar.keys.append((now, (_number(key, "fifths"), mode)))
        return now


def _rescale(bar: PartBar, factor: Fraction) -> None:
    """Divisions changed inside a bar: bring what was read to the new ones."""
    bar.divisions = int(bar.divisions * factor)
    bar.length = int(bar.length * factor)
    bar.notes = [
        note._replace(at=int(note.at * factor), duration=int(note.duration * factor))
        for note in bar.notes
    ]
    bar.keys = [(int(at * factor), key) for at, key in bar.keys]
    bar.tempos = [(int(at * factor), bpm) for at, bpm in bar.tempos]


def _number(parent: Element, tag: str, default: int | None = None) -> int:
    text = parent.findtext(tag)
    if text is None:
        if default is None:
            raise ValueError(f"<{parent.tag}> without <{tag}>")
        return default
    return round(float(text))


def _midi_pitch(pitch: Element) -> int:
    step = PITCH_CLASS[pitch.findtext("step", "").strip()]
    return 12 * (_number(pitch, "octave") + 1) + step + _number(pitch, "alter", 0)


def _metre(time: Element) -> tuple[int, int]:
    """``3+2`` over 8 counts as 5/8; of several fractions the first stands."""
    beats = sum(int(beat) for beat in time.findtext("beats", "").split("+"))
    unit = int(time.findtext("beat-type", ""))
    if beats <= 0 or unit <= 0 or unit & (unit - 1):
        raise ValueError(f"time signature {beats}/{unit}")
    return beats, unit


def _add_tempo(bar: PartBar, item: Element, now: int) -> None:
    """``<sound tempo>`` before the printed metronome mark; both as quarter notes a minute."""
    sound = item if item.tag == "sound" else item.find("sound")
    tempo = float(sound.get("tempo", 0)) if sound is not None else 0.0
    if tempo <= 0:
        tempo = _metronome(item)
    if tempo > 0:
        bar.tempos.append((now, tempo))


def _metronome(direction: Element) -> float:
    """0 where there is no mark with a number ("♩ = ca. 60" has none)."""
    mark = direction.find("direction-type/metronome")
    if mark is None:
        return 0.0
    quarters = QUARTERS.get(mark.findtext("beat-unit", ""), 0.0)
    dots = len(mark.findall("beat-unit-dot"))
    count = mark.findtext("per-minute", "").strip()
    if not count.replace(".", "", 1).isdigit():
        return 0.0
    return float(count) * quarters * (2 - 0.5**dots)
