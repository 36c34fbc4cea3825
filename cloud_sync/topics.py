"""Names of the MQTT topics.

A device id is cleaned where it is made, in ``firmware_py.config.settings``; here it is checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from firmware_py.messages.errors import UserError

PREFIX: Final = "lull"
FLEET_GROUP: Final = "ingest"
COMMANDS: Final = (
    "set/playback",
    "set/mood",
    "set/goal",
    "set/volume",
    "set/sleep_timer",
    "set/listening",
    "set/breathing",
    "set/feedback",
    "vitals",
)
"""Topics below ``lull/<device>/`` that change what the device does."""

_DEVICE: Final = re.compile(r"[a-zA-Z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one device. Raises ``UserError`` for an id outside ``[a-zA-Z0-9_-]{1,64}``."""

    device: str

    def __post_init__(self) -> None:
        if not _DEVICE.fullmatch(self.device):
            raise UserError(
                f"device.id {self.device!r} cannot be part of a topic: use 1 to 64 of the signs "
                "a-z A-Z 0-9 _ -."
            )

    def __call__(self, leaf: str) -> str:
        """Return the whole topic, ``lull/<device>/<leaf>``."""
        return f"{PREFIX}/{self.device}/{leaf}"

    @property
    def inbound(self) -> tuple[str, ...]:
        """What a device subscribes to: commands and the fleet's acknowledgements."""
        return (*(self(leaf) for leaf in COMMANDS), self("ack"))


def fleet_subscriptions() -> tuple[str, ...]:
    """Return what an ingest worker subscribes to; workers share the load."""
    return tuple(f"$share/{FLEET_GROUP}/{PREFIX}/+/{leaf}" for leaf in ("feedback", "erase"))


def split(topic: str) -> tuple[str, str] | None:
    """Return (device, leaf) of a topic, None when it is not one of ours."""
    prefix, _, rest = topic.partition("/")
    device, _, leaf = rest.partition("/")
    if prefix != PREFIX or not leaf or not _DEVICE.fullmatch(device):
        return None
    return device, leaf
