"""The JSON payloads of the contract, version 1, as strict schemas.

``msgspec`` refuses what is not in them: other keys, other types, values out of range, NaN.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from firmware_py.messages.feedback import FeedbackKind
from firmware_py.messages.mood import MoodLabel
from firmware_py.messages.plan import TARGET_RANGES, Goal
from firmware_py.messages.state import EventLevel, PlaybackState

MAX_IDS: Final = 1000
"""Ids in one ``ack``, sessions in one ``erase``: 40 kB, well under the payload limit."""
_DAY_S: Final = 86_400


def _in_range(target: str) -> Meta:
    low, high = TARGET_RANGES[target]
    return Meta(ge=low, le=high)


Uuid4 = Annotated[
    str,
    Meta(pattern=r"\A[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z"),
]
Instant = Annotated[
    str,
    Meta(pattern=r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z\Z"),
]
DeviceId = Annotated[str, Meta(pattern=r"\A[a-zA-Z0-9_-]{1,64}\Z")]
Signed = Annotated[float, Meta(ge=-1, le=1)]
Unit = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0, le=365 * _DAY_S)]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class Payload(Struct, frozen=True, forbid_unknown_fields=True):
    """Base of every payload and of its parts."""


class MoodPayload(Payload, frozen=True):
    """A mood without the words that decided it, in ``feedback``."""

    label: MoodLabel
    valence: Signed
    arousal: Signed
    confidence: Unit


class StateMoodPayload(Payload, frozen=True):
    """A mood in ``state``."""

    label: MoodLabel
    valence: Signed
    arousal: Signed


class TargetsPayload(Payload, frozen=True):
    """``BarTarget``."""

    bar: Count
    start_s: Seconds
    tempo: Annotated[float, _in_range("tempo")]
    density: Annotated[float, _in_range("density")]
    register: Annotated[float, _in_range("register")]
    dynamics: Annotated[float, _in_range("dynamics")]
    mode: Annotated[float, _in_range("mode")]
    tension: Annotated[float, _in_range("tension")]
    brightness: Annotated[float, _in_range("brightness")]
    swell: Annotated[float, _in_range("swell")]


class FeedbackPayload(Payload, frozen=True):
    """``feedback``: one reaction."""

    v: Literal[1]
    id: Uuid4
    device: DeviceId
    seq: Annotated[int, Meta(ge=1, le=2**53 - 1)]
    at: Instant
    kind: FeedbackKind
    rating: Annotated[int, Meta(ge=1, le=5)] | None
    mood: MoodPayload | None
    goal: Goal
    targets: TargetsPayload
    played_s: Seconds
    session: Uuid4

    def __post_init__(self) -> None:
        _check_instant(self.at)
        if (self.kind == "rating") != (self.rating is not None):
            raise ValueError("rating goes with kind rating")


class ErasePayload(Payload, frozen=True):
    """``erase``: forget this device."""

    v: Literal[1]
    id: Uuid4
    device: DeviceId
    at: Instant
    sessions: Annotated[tuple[Uuid4, ...], Meta(max_length=MAX_IDS)]

    def __post_init__(self) -> None:
        _check_instant(self.at)


class AckPayload(Payload, frozen=True):
    """``ack``: the fleet has stored these."""

    v: Literal[1]
    ids: Annotated[tuple[Uuid4, ...], Meta(max_length=MAX_IDS)]


class StatePayload(Payload, frozen=True):
    """``state``: what the device does now."""

    v: Literal[1]
    playback: PlaybackState
    mood: StateMoodPayload | None
    goal: Goal
    volume: Annotated[int, Meta(ge=0, le=100)]
    sleep_timer_s: Annotated[int, Meta(ge=0, le=_DAY_S)] | None
    bar: Count
    tempo: Annotated[float, Meta(ge=0, le=400)]
    listening: bool
    session: Uuid4 | None
    model: Annotated[str, Meta(pattern=r"\A[a-z0-9]{1,64}\Z")]


class EventPayload(Payload, frozen=True):
    """``event``: something that happened."""

    v: Literal[1]
    at: Instant
    level: EventLevel
    code: Annotated[str, Meta(pattern=r"\A[a-z0-9_]{1,64}\Z")]
    detail: Annotated[str, Meta(max_length=500)]

    def __post_init__(self) -> None:
        _check_instant(self.at)


class VitalsPayload(Payload, frozen=True):
    """``vitals``: what a wearable measured."""

    heart_rate: Annotated[float, Meta(ge=30, le=220)]


def _check_instant(text: str) -> None:
    datetime.fromisoformat(text)  # ValueError for a 31 February
