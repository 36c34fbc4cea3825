"""What a sentence asks the device to do. Voice, MQTT and the command line make the same objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

IntentName = Literal[
    "mood",
    "play",
    "stop",
    "pause",
    "resume",
    "louder",
    "softer",
    "volume",
    "next",
    "like",
    "dislike",
    "sleep_timer",
    "cancel_timer",
    "breathe",
    "good_night",
    "what_is_playing",
    "standby",
    "wake",
    "unknown",
]
INTENT_NAMES: Final[tuple[IntentName, ...]] = get_args(IntentName)


@dataclass(frozen=True, slots=True)
class Intent:
    """One command. Slots that the name does not use are None."""

    name: IntentName
    percent: int | None = None
    """``volume``: 0 to 100."""
    minutes: float | None = None
    """``sleep_timer``: minutes, above 0."""
