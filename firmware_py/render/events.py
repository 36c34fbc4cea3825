"""What a performer does with a bar: events in seconds from the bar line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class Channel(IntEnum):
    """MIDI channels, one per part. The pad is the renderer's own, drawn from the chords."""

    MELODY = 0
    INNER = 1
    BASS = 2
    PAD = 3


SUSTAIN: Final = 64
EXPRESSION: Final = 11
VOLUME: Final = 7
PAN: Final = 10
REVERB_SEND: Final = 91


@dataclass(frozen=True, slots=True)
class Strike:
    """A note begins. ``velocity`` 1 to 127; ``seconds`` None: it sounds until a ``Release``."""

    at: float
    channel: Channel
    pitch: int
    velocity: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Release:
    """A note that was struck without a length ends."""

    at: float
    channel: Channel
    pitch: int


@dataclass(frozen=True, slots=True)
class Control:
    """A controller moves to ``value``, 0 to 127."""

    at: float
    channel: Channel
    number: int
    value: int


@dataclass(frozen=True, slots=True)
class Program:
    """A channel changes its instrument (General MIDI number from 0)."""

    at: float
    channel: Channel
    number: int


Event = Strike | Release | Control | Program
