"""Messages to MQTT payloads and back.

Decoding never raises: what does not parse becomes ``BadPayload``, whose reason quotes nothing of
what was received. Encoding raises ``ValueError`` for a message that the contract does not allow,
so that nothing leaves the device that the fleet would refuse.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Final, TypeVar

import msgspec

from cloud_sync import wire
from firmware_py.messages.erase import EraseRequest
from firmware_py.messages.feedback import Feedback
from firmware_py.messages.mood import Mood, shareable
from firmware_py.messages.plan import BarTarget
from firmware_py.messages.state import DeviceEvent, DeviceState

MAX_PAYLOAD: Final = 65_536
"""Bytes; longer payloads are refused unread."""


@dataclass(frozen=True, slots=True)
class BadPayload:
    """Why a payload was refused; quotes nothing of it."""

    reason: str


P = TypeVar("P", bound=wire.Payload)


def encode_feedback(item: Feedback) -> bytes:
    """Return the ``feedback`` payload; the mood goes without the words that decided it."""
    fields = asdict(item) | {"v": 1, "mood": shareable(item.mood), "targets": asdict(item.target)}
    del fields["target"]
    return _encode(fields, wire.FeedbackPayload)


def decode_feedback(payload: bytes) -> Feedback | BadPayload:
    """Read a ``feedback`` payload."""
    got = _decode(payload, _FEEDBACK)
    if isinstance(got, BadPayload):
        return got
    return Feedback(
        id=got.id,
        device=got.device,
        seq=got.seq,
        at=got.at,
        kind=got.kind,
        rating=got.rating,
        mood=None if got.mood is None else Mood(**msgspec.structs.asdict(got.mood)),
        goal=got.goal,
        target=BarTarget(**msgspec.structs.asdict(got.targets)),
        played_s=got.played_s,
        session=got.session,
    )


def encode_erase(request: EraseRequest) -> bytes:
    """Return the ``erase`` payload."""
    return _encode(asdict(request) | {"v": 1}, wire.ErasePayload)


def decode_erase(payload: bytes) -> EraseRequest | BadPayload:
    """Read an ``erase`` payload."""
    got = _decode(payload, _ERASE)
    if isinstance(got, BadPayload):
        return got
    return EraseRequest(got.id, got.device, got.at, got.sessions)


def encode_ack(ids: Collection[str]) -> bytes:
    """Return the ``ack`` payload for up to ``wire.MAX_IDS`` ids."""
    return _encode({"v": 1, "ids": tuple(ids)}, wire.AckPayload)


def decode_ack(payload: bytes) -> tuple[str, ...] | BadPayload:
    """Read an ``ack`` payload; return its ids."""
    got = _decode(payload, _ACK)
    return got if isinstance(got, BadPayload) else got.ids


def encode_state(state: DeviceState) -> bytes:
    """Return the ``state`` payload."""
    mood = shareable(state.mood)
    if mood is not None:
        del mood["confidence"]
    return _encode(asdict(state) | {"v": 1, "mood": mood}, wire.StatePayload)


def decode_state(payload: bytes) -> DeviceState | BadPayload:
    """Read a ``state`` payload."""
    got = _decode(payload, _STATE)
    if isinstance(got, BadPayload):
        return got
    mood = None if got.mood is None else Mood(**msgspec.structs.asdict(got.mood))
    fields = msgspec.structs.asdict(got) | {"mood": mood}
    del fields["v"]
    return DeviceState(**fields)


def encode_event(event: DeviceEvent) -> bytes:
    """Return the ``event`` payload."""
    return _encode(asdict(event) | {"v": 1}, wire.EventPayload)


def decode_event(payload: bytes) -> DeviceEvent | BadPayload:
    """Read an ``event`` payload."""
    got = _decode(payload, _EVENT)
    if isinstance(got, BadPayload):
        return got
    return DeviceEvent(got.at, got.level, got.code, got.detail)


def decode_vitals(payload: bytes) -> float | BadPayload:
    """Read a ``vitals`` payload; return the heart rate, beats a minute."""
    got = _decode(payload, _VITALS)
    return got if isinstance(got, BadPayload) else got.heart_rate


def readable_id(payload: bytes) -> str | None:
    """Return the id of a payload that may be wrong in every other way, None without one."""
    got = _decode(payload, _ONLY_ID)
    return None if isinstance(got, BadPayload) else got.id


class _OnlyId(msgspec.Struct, frozen=True):
    """Any object with an ``id``."""

    id: wire.Uuid4


_FEEDBACK: Final = msgspec.json.Decoder(wire.FeedbackPayload)
_ERASE: Final = msgspec.json.Decoder(wire.ErasePayload)
_ACK: Final = msgspec.json.Decoder(wire.AckPayload)
_STATE: Final = msgspec.json.Decoder(wire.StatePayload)
_EVENT: Final = msgspec.json.Decoder(wire.EventPayload)
_VITALS: Final = msgspec.json.Decoder(wire.VitalsPayload)
_ONLY_ID: Final = msgspec.json.Decoder(_OnlyId)

T = TypeVar("T")


def _decode(payload: bytes, decoder: msgspec.json.Decoder[T]) -> T | BadPayload:
    if len(payload) > MAX_PAYLOAD:
        return BadPayload(f"{len(payload)} bytes, at most {MAX_PAYLOAD} are read")
    try:
        return decoder.decode(payload)
    except msgspec.ValidationError as error:
        return BadPayload(_reason(str(error)))
    except msgspec.DecodeError:
        return BadPayload("not JSON")
    except UnicodeDecodeError:
        return BadPayload("not UTF-8")
    except RecursionError:
        return BadPayload("nested too deep")


def _reason(text: str) -> str:
    """Keep msgspec's text where it names only our own keys and types."""
    if text.startswith("Object contains unknown field"):
        return "unknown key"
    if text.startswith("Invalid enum value"):
        _, _, place = text.rpartition(" - at ")
        return f"not one of the allowed values at {place}"
    return text


def _encode(fields: dict[str, Any], kind: type[P]) -> bytes:
    return msgspec.json.encode(
        msgspec.convert(fields, kind)
    )  # raises ValidationError, a ValueError
