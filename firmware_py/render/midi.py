"""The performance as a MIDI file: what is heard, with the plan's tempo map and section marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO, Final

import mido

from firmware_py.messages.plan import BEATS_PER_BAR
from firmware_py.messages.score import Bar, Key
from firmware_py.render.composition import Composition
from firmware_py.render.events import Channel, Control, Event, Program, Release, Strike
from firmware_py.render.expression import let_go, perform
from firmware_py.render.palette import Palette, choose_palette, set_up

TICKS_PER_QUARTER: Final = 480
_TICKS_PER_BAR: Final = TICKS_PER_QUARTER * BEATS_PER_BAR
_TONICS: Final = {
    "major": ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B"),
    "minor": ("Cm", "C#m", "Dm", "Ebm", "Em", "Fm", "F#m", "Gm", "G#m", "Am", "Bbm", "Bm"),
}

_Timed = tuple[int, int, mido.Message]
"""Tick, rank within the tick (ends before beginnings), message."""


def write_midi(file: BinaryIO, piece: Composition) -> None:
    """Write ``piece`` as a type 1 file: a conductor's track and one track a part.

    Bar lines lie at the planned tempo; within a bar every event lies where it is played, so the
    file sounds like the rendered piece: rubato, roll, pedal, pad and all.
    """
    midi = mido.MidiFile(type=1, ticks_per_beat=TICKS_PER_QUARTER)
    midi.tracks.append(_conductor(piece))
    parts: dict[Channel, list[_Timed]] = {channel: [] for channel in Channel}
    previous: Bar | None = None
    palette: Palette | None = None
    for index, bar in enumerate(piece.bars):
        events = perform(bar, previous, piece.seed)
        if palette is None or bar.phrase_position == 0.0:
            chosen = choose_palette(bar.target.brightness, palette)
            events = events if chosen is palette else (*set_up(chosen), *events)
            palette = chosen
        _place(parts, events, index, bar.target.seconds)
        previous = bar
    if previous is not None:
        _place(parts, let_go(previous), len(piece.bars), previous.target.seconds)
    for channel, messages in parts.items():
        midi.tracks.append(_track(channel.name.lower(), messages))
    midi.save(file=file)


def _conductor(piece: Composition) -> mido.MidiTrack:
    messages: list[_Timed] = [
        (0, 0, mido.MetaMessage("time_signature", numerator=BEATS_PER_BAR, denominator=4))
    ]
    key: Key | None = None
    for index, bar in enumerate(piece.bars):
        tick = index * _TICKS_PER_BAR
        tempo = round(60e6 / bar.target.tempo)
        messages.append((tick, 0, mido.MetaMessage("set_tempo", tempo=tempo)))
        if bar.key != key:
            key = bar.key
            name = _TONICS[key.mode][key.tonic]
            messages.append((tick, 0, mido.MetaMessage("key_signature", key=name)))
        if bar.phrase_position == 0.0:
            messages.append((tick, 1, mido.MetaMessage("marker", text=bar.section)))
    return _track(f"Lull: {piece.plan.mood.label} to {piece.plan.goal}", messages)


def _place(
    parts: dict[Channel, list[_Timed]], events: tuple[Event, ...], bar: int, seconds: float
) -> None:
    for event in events:
        tick = _tick(bar, event.at, seconds)
        part = parts[event.channel]
        match event:
            case Strike(at, channel, pitch, velocity, length):
                on = mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)
                part.append((tick, 2, on))
                if length is not None:
                    end = max(tick + 1, _tick(bar, at + length, seconds))
                    part.append((end, 0, mido.Message("note_off", channel=channel, note=pitch)))
            case Release(_, channel, pitch):
                part.append((tick, 0, mido.Message("note_off", channel=channel, note=pitch)))
            case Control(_, channel, number, value):
                control = mido.Message(
                    "control_change", channel=channel, control=number, value=value
                )
                part.append((tick, 1, control))
            case Program(_, channel, number):
                part.append(
                    (tick, 1, mido.Message("program_change", channel=channel, program=number))
                )


def _tick(bar: int, at: float, seconds: float) -> int:
    return round((bar + at / seconds) * _TICKS_PER_BAR)


def _track(name: str, messages: list[_Timed]) -> mido.MidiTrack:
    track = mido.MidiTrack([mido.MetaMessage("track_name", name=name)])
    now = 0
    for tick, message in _one_at_a_time(messages):
        track.append(message.copy(time=tick - now))
        now = tick
    track.append(mido.MetaMessage("end_of_track", time=0))
    return track


def _one_at_a_time(messages: list[_Timed]) -> Iterator[tuple[int, mido.Message]]:
    """Sort messages by time; a key struck again while it sounds is lifted first."""
    sounding: set[int] = set()
    void: Counter[int] = Counter()  # ends of strikes that were cut short by the next one
    for tick, _, message in sorted(messages, key=lambda timed: timed[:2]):
        if message.type == "note_on":
            if message.note in sounding:
                void[message.note] += 1
                yield tick, mido.Message("note_off", channel=message.channel, note=message.note)
            sounding.add(message.note)
        elif message.type == "note_off":
            if void[message.note]:
                void[message.note] -= 1
                continue
            sounding.discard(message.note)
        yield tick, message
