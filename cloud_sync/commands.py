"""Commands that arrive over MQTT: payload to the same object that voice makes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from cloud_sync.codec import BadPayload, decode_vitals
from firmware_py.messages.intent import Intent
from firmware_py.messages.plan import GOALS
from firmware_py.messages.remote import (
    Rate,
    RemoteCommand,
    SetBreathing,
    SetGoal,
    SetMood,
    Vitals,
)

MAX_TEXT: Final = 2000
"""Characters of a mood sentence."""
MAX_TIMER_MINUTES: Final = 24 * 60

_PERCENT: Final = re.compile(r"100|[1-9]?[0-9]", re.ASCII)
_MINUTES: Final = re.compile(r"[0-9]{1,4}(\.[0-9]{1,3})?", re.ASCII)
_RATING: Final = re.compile(r"[1-5]")
_PLAYBACK: Final = {name: Intent(name) for name in ("play", "pause", "stop", "next")}


def decode_command(leaf: str, payload: bytes) -> RemoteCommand | BadPayload:
    """Read the payload of a topic in ``topics.COMMANDS``. Never raises."""
    if leaf == "vitals":
        rate = decode_vitals(payload)
        return rate if isinstance(rate, BadPayload) else Vitals(rate)
    read = _READERS.get(leaf)
    if read is None:
        return BadPayload("not a command topic")
    if len(payload) > 4 * MAX_TEXT:
        return BadPayload(f"{len(payload)} bytes are too many for a command")
    try:
        return read(payload.decode())
    except UnicodeDecodeError:
        return BadPayload("not UTF-8")


def _playback(text: str) -> RemoteCommand | BadPayload:
    return _PLAYBACK.get(text) or BadPayload("not play, pause, stop or next")


def _mood(text: str) -> RemoteCommand | BadPayload:
    if not text.strip():
        return BadPayload("empty")
    if len(text) > MAX_TEXT:
        return BadPayload(f"{len(text)} characters, at most {MAX_TEXT} are read")
    return SetMood(text)


def _goal(text: str) -> RemoteCommand | BadPayload:
    for goal in GOALS:
        if text == goal:
            return SetGoal(goal)
    return BadPayload(f"not one of {', '.join(GOALS)}")


def _volume(text: str) -> RemoteCommand | BadPayload:
    if not _PERCENT.fullmatch(text):
        return BadPayload("not a whole number from 0 to 100")
    return Intent("volume", percent=int(text))


def _sleep_timer(text: str) -> RemoteCommand | BadPayload:
    if not _MINUTES.fullmatch(text) or float(text) > MAX_TIMER_MINUTES:
        return BadPayload(f"not minutes from 0 to {MAX_TIMER_MINUTES}")
    minutes = float(text)
    return Intent("sleep_timer", minutes=minutes) if minutes else Intent("cancel_timer")


def _listening(text: str) -> RemoteCommand | BadPayload:
    return {"ON": Intent("wake"), "OFF": Intent("standby")}.get(text) or BadPayload("not ON or OFF")


def _breathing(text: str) -> RemoteCommand | BadPayload:
    if text not in {"ON", "OFF"}:
        return BadPayload("not ON or OFF")
    return SetBreathing(text == "ON")


def _feedback(text: str) -> RemoteCommand | BadPayload:
    if text == "like":
        return Intent("like")
    if text == "dislike":
        return Intent("dislike")
    if _RATING.fullmatch(text):
        return Rate(int(text))
    return BadPayload("not like, dislike or 1 to 5")


_READERS: Final[dict[str, Callable[[str], RemoteCommand | BadPayload]]] = {
    "set/playback": _playback,
    "set/mood": _mood,
    "set/goal": _goal,
    "set/volume": _volume,
    "set/sleep_timer": _sleep_timer,
    "set/listening": _listening,
    "set/breathing": _breathing,
    "set/feedback": _feedback,
}
