"""What waits on the device's disk until the fleet has stored it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from firmware_py.messages.erase import EraseRequest
from firmware_py.messages.feedback import Feedback

Outgoing = Feedback | EraseRequest


class Outbox(Protocol):
    """Rows survive the process, a crash and a power cut; only ``acknowledge`` takes them away."""

    def pending(self, limit: int) -> tuple[Outgoing, ...]:
        """Return up to ``limit`` rows that the fleet has not acknowledged, oldest first.

        While an erase request waits, only erase requests are returned: newer feedback must not
        reach the fleet before it. Raises ``LullError`` when the disk cannot be read.
        """

    def acknowledge(self, ids: Collection[str]) -> int:
        """Let go of the rows with these ids; unknown ids are ignored. Return how many there were.

        Raises ``LullError`` when the disk cannot be written.
        """
