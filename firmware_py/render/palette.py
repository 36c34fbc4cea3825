"""Which instruments play: soft General MIDI sounds, chosen by how bright the music should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from firmware_py.render.events import PAN, REVERB_SEND, VOLUME, Channel, Control, Event, Program


@dataclass(frozen=True, slots=True)
class Part:
    """A General MIDI program (from 0) and its channel volume (controller 7, 0 to 127)."""

    program: int
    volume: int


@dataclass(frozen=True, slots=True)
class Palette:
    """Who plays what.

    Volumes were set by measuring each part alone with FluidR3: the accompaniment 5 to 6 LU and
    the pad 12 to 13 LU under the melody.
    """

    name: str
    melody: Part
    inner: Part
    bass: Part
    pad: Part


_PIANO, _ELECTRIC_PIANO, _HARP, _SLOW_STRINGS, _WARM_PAD = 0, 4, 46, 49, 89

NIGHT: Final = Palette(
    "night",
    Part(_PIANO, 104),
    Part(_ELECTRIC_PIANO, 60),
    Part(_ELECTRIC_PIANO, 82),
    Part(_WARM_PAD, 62),
)
DUSK: Final = Palette(
    "dusk", Part(_PIANO, 104), Part(_PIANO, 88), Part(_PIANO, 98), Part(_WARM_PAD, 60)
)
DAY: Final = Palette(
    "day", Part(_PIANO, 104), Part(_HARP, 80), Part(_PIANO, 98), Part(_SLOW_STRINGS, 52)
)

_BORDERS: Final = ((0.35, NIGHT, DUSK), (0.7, DUSK, DAY))
_HYSTERESIS: Final = 0.05
"""A brightness that lingers at a border does not make the instruments flicker."""


def choose_palette(brightness: float, current: Palette | None) -> Palette:
    """Return the palette for ``brightness`` (0 to 1), staying with ``current`` near a border."""
    chosen = NIGHT
    for border, below, above in _BORDERS:
        if current is below:
            threshold = border + _HYSTERESIS
        elif current is above:
            threshold = border - _HYSTERESIS
        else:
            threshold = border
        if brightness >= threshold:
            chosen = above
    return chosen


def set_up(palette: Palette) -> tuple[Event, ...]:
    """Return the events that put ``palette`` on the channels, at the bar line."""
    # Channel: part, pan (64 is the middle), reverb send. The accompaniment lies a little to the
    # left of the melody, as the strings of a piano do.
    desk = {
        Channel.MELODY: (palette.melody, 70, 62),
        Channel.INNER: (palette.inner, 56, 58),
        Channel.BASS: (palette.bass, 60, 30),
        Channel.PAD: (palette.pad, 64, 84),
    }
    events: list[Event] = []
    for channel, (part, pan, reverb) in desk.items():
        events += [
            Program(0.0, channel, part.program),
            Control(0.0, channel, VOLUME, part.volume),
            Control(0.0, channel, PAN, pan),
            Control(0.0, channel, REVERB_SEND, reverb),
        ]
    return tuple(events)
