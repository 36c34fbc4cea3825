"""What arrives over MQTT. Where voice has the same command, it is the same ``Intent``."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_py.messages.intent import Intent
from firmware_py.messages.plan import Goal


@dataclass(frozen=True, slots=True)
class SetMood:
    """A mood label or a sentence, to be read like a spoken one."""

    text: str


@dataclass(frozen=True, slots=True)
class SetGoal:
    """Lead the music towards another goal."""

    goal: Goal


@dataclass(frozen=True, slots=True)
class SetBreathing:
    """Turn the breathing guide on or off."""

    on: bool


@dataclass(frozen=True, slots=True)
class Rate:
    """A rating of what is playing, 1 to 5."""

    rating: int


@dataclass(frozen=True, slots=True)
class Vitals:
    """A heart rate, beats a minute, 30 to 220."""

    heart_rate: float


RemoteCommand = Intent | SetMood | SetGoal | SetBreathing | Rate | Vitals
