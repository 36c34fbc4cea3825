"""Bars to sound with FluidSynth, streaming.

One renderer is one session with one synthesiser of its own: the same bars, seed, soundfont and
library give the same bytes. Samples are read as floats: FluidSynth's 16-bit output is dithered
from the C library's ``rand()``, which anything else in the process may have moved.
"""

from __future__ import annotations

import ctypes
import heapq
import os
import sys
import weakref
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from firmware_py.messages.errors import MissingError
from firmware_py.messages.score import Bar
from firmware_py.ports.audio import Stereo
from firmware_py.render.events import Channel, Control, Event, Program, Release, Strike
from firmware_py.render.expression import let_go, perform
from firmware_py.render.palette import Palette, choose_palette, set_up
from firmware_py.render.timbre import BrightnessFilter

with redirect_stdout(sys.stderr):  # where CI is set, it prints which library it found
    import fluidsynth

GRID: Final = 64
"""FluidSynth takes events on a grid of 64 frames (1.5 ms at 44.1 kHz)."""
TAIL_S: Final = 6.0
"""Sound after the last bar line: what still rings, then silence."""
_TAIL_HELD_S: Final = 1.5
"""The tail is heard for this long before its fade begins."""
_SETTINGS: Final[dict[str, int | float]] = {
    "synth.dynamic-sample-loading": 1,  # only the presets in use: 11 MB of FluidR3's 148
    "synth.lock-memory": 0,
    "synth.cpu-cores": 1,
    "synth.polyphony": 96,
    "synth.chorus.active": 0,
    "synth.reverb.active": 1,
    "synth.reverb.room-size": 0.72,
    "synth.reverb.damp": 0.45,
    "synth.reverb.width": 0.9,
    "synth.reverb.level": 0.55,
}

_write_float = fluidsynth.cfunc(
    "fluid_synth_write_float",
    ctypes.c_int,
    ("synth", ctypes.c_void_p, 1),
    ("len", ctypes.c_int, 1),
    ("left", ctypes.c_void_p, 1),
    ("left_offset", ctypes.c_int, 1),
    ("left_step", ctypes.c_int, 1),
    ("right", ctypes.c_void_p, 1),
    ("right_offset", ctypes.c_int, 1),
    ("right_step", ctypes.c_int, 1),
)
_set_log_function = fluidsynth.cfunc(
    "fluid_set_log_function",
    ctypes.c_void_p,
    ("level", ctypes.c_int, 1),
    ("function", ctypes.c_void_p, 1),
    ("data", ctypes.c_void_p, 1),
)
for _level in range(1, 5):  # all but panic: what matters comes back as a result
    _set_log_function(_level, None, None)


@dataclass(frozen=True, slots=True)
class _End:
    """The end of one strike; void if its key has been struck again meanwhile."""

    channel: Channel
    pitch: int
    strike: int


class FluidSynthRenderer:
    """``ports.music.Renderer`` on FluidSynth and a General MIDI soundfont."""

    def __init__(self, soundfont: Path, rate: int = 44100, seed: int = 0) -> None:
        """Open a synthesiser; ``rate`` in frames a second, ``seed`` of the human timing.

        Raises ``MissingError`` when ``soundfont`` cannot be loaded.
        """
        self.rate = rate
        self._seed = seed
        self._synth = fluidsynth.Synth(gain=1.0, samplerate=rate, channels=16, **_SETTINGS)
        weakref.finalize(self, self._synth.delete)
        self._font = self._synth.sfload(str(soundfont)) if _is_soundfont(soundfont) else -1
        if self._font < 0:
            raise MissingError(f"The soundfont {soundfont} cannot be read.", fix="lull setup")
        self._filter = BrightnessFilter(rate)
        self._palette: Palette | None = None
        self._previous: Bar | None = None
        self._now = 0  # frames written by the synthesiser
        self._bar_line_s = 0.0
        self._queue: list[tuple[int, int, Event | _End]] = []
        self._order = 0  # keeps events of one frame in the order in which they were performed
        self._struck: dict[tuple[Channel, int], int] = {}

    def render_bar(self, bar: Bar) -> Stereo:
        """Return the sound from this bar line to the next; notes ring on into later bars.

        The bar lines lie at the running sum of ``bar.target.seconds``, each rounded to a frame.
        """
        if self._palette is None or bar.phrase_position == 0.0:
            self._change_palette(bar)
        self._schedule(perform(bar, self._previous, self._seed))
        self._previous = bar
        self._bar_line_s += bar.target.seconds
        audio = self._write_until(round(self._bar_line_s * self.rate))
        return self._filter.process(audio, bar.target.brightness)

    def finish(self) -> Stereo:
        """Return ``TAIL_S`` seconds of what still rings after the last bar, faded to silence."""
        if self._previous:
            self._schedule(let_go(self._previous))
        tail = self._write_until(self._now + round(TAIL_S * self.rate))
        brightness = self._previous.target.brightness if self._previous else 0.5
        return self._filter.process(tail, brightness) * _fade_out(len(tail), self.rate)

    def _change_palette(self, bar: Bar) -> None:
        palette = choose_palette(bar.target.brightness, self._palette)
        if palette is not self._palette:
            self._palette = palette
            self._schedule(set_up(palette))

    def _schedule(self, events: Iterable[Event]) -> None:
        for event in events:
            frame = round((self._bar_line_s + event.at) * self.rate / GRID) * GRID
            self._order += 1
            heapq.heappush(self._queue, (frame, self._order, event))

    def _write_until(self, end: int) -> Stereo:
        audio = np.zeros((max(0, end - self._now), 2), np.float32)
        begin = self._now
        while self._now < end:
            while self._queue and self._queue[0][0] <= self._now:
                _, order, event = heapq.heappop(self._queue)
                self._apply(event, order)
            until = min(end, self._queue[0][0]) if self._queue else end
            self._write(audio[self._now - begin : until - begin])
            self._now = until
        return audio

    def _write(self, out: Stereo) -> None:
        address = out.ctypes.data
        _write_float(self._synth.synth, len(out), address, 0, 2, address, 1, 2)

    def _apply(self, event: Event | _End, order: int) -> None:
        match event:
            case Strike():
                self._strike(event, order)
            case Release(_, channel, pitch):
                self._release(channel, pitch)
            case Control(_, channel, number, value):
                self._synth.cc(channel, number, value)
            case Program(_, channel, number):
                self._synth.program_select(channel, self._font, 0, number)
            case _End(channel, pitch, strike):
                if self._struck.get((channel, pitch)) == strike:
                    self._release(channel, pitch)

    def _strike(self, event: Strike, order: int) -> None:
        key = (event.channel, event.pitch)
        if key in self._struck:  # the same key again: a finger lifts before it strikes
            self._release(*key)
        self._synth.noteon(event.channel, event.pitch, event.velocity)
        self._struck[key] = order
        if event.seconds is not None:
            end = self._now + max(GRID, round(event.seconds * self.rate / GRID) * GRID)
            heapq.heappush(self._queue, (end, order, _End(event.channel, event.pitch, order)))

    def _release(self, channel: Channel, pitch: int) -> None:
        self._synth.noteoff(channel, pitch)
        self._struck.pop((channel, pitch), None)


def _is_soundfont(path: Path) -> bool:
    """Look for a whole soundfont: FluidSynth hands the rest to a loader that complains aloud."""
    try:
        with path.open("rb") as file:
            header = file.read(12)
            size = file.seek(0, os.SEEK_END)
    except OSError:
        return False
    riff, form, claimed = header[:4], header[8:], int.from_bytes(header[4:8], "little")
    return riff == b"RIFF" and form == b"sfbk" and claimed + 8 <= size


def _fade_out(frames: int, rate: int) -> Stereo:
    """Return the gain of the tail, shape (frames, 1): 1, then a raised cosine down to 0."""
    held = min(frames, round(_TAIL_HELD_S * rate))
    fall = 0.5 + 0.5 * np.cos(np.linspace(0.0, np.pi, frames - held))
    return np.concatenate([np.ones(held), fall]).astype(np.float32)[:, np.newaxis]
