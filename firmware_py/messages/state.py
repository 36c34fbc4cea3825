"""What the device tells about itself. Nothing that was said is ever part of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from firmware_py.messages.mood import Mood
from firmware_py.messages.plan import Goal

PlaybackState = Literal["playing", "paused", "stopped"]
EventLevel = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What the device is doing now."""

    playback: PlaybackState
    mood: Mood | None
    goal: Goal
    volume: int
    """0 to 100."""
    sleep_timer_s: int | None
    """Seconds left, None without a timer."""
    bar: int
    tempo: float
    """Quarter notes a minute; 0 when nothing plays."""
    listening: bool
    session: str | None
    """UUID 4 of the session that plays."""
    model: str
    """Prefix of the composer model's SHA-256, or ``rules``."""


@dataclass(frozen=True, slots=True)
class DeviceEvent:
    """Something that happened, for whoever looks after the device."""

    at: str
    """RFC 3339, UTC."""
    level: EventLevel
    code: str
    """Lower case with underscores, stable: ``bad_payload``."""
    detail: str
    """One line for a person, never a word that the listener said or typed."""
