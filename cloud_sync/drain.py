"""Sends the outbox to the fleet; a row leaves it only when the fleet says that it is stored."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Final, Protocol

from cloud_sync.codec import BadPayload, decode_ack, encode_erase, encode_feedback
from cloud_sync.topics import Topics
from firmware_py.messages.erase import EraseRequest
from firmware_py.ports.outbox import Outbox, Outgoing

WINDOW: Final = 64
"""Rows on their way at once."""
RESEND_S: Final = 30.0
"""A row that is not acknowledged for so long is sent again, with the same id."""

_log = logging.getLogger(__name__)


class Publisher(Protocol):
    """What sends a payload; ``Link`` is one."""

    @property
    def connected(self) -> bool:
        """Whether a publish has a chance now."""
        ...

    def publish(self, topic: str, payload: bytes) -> Future[None]:
        """Send with QoS 1; the future tells whether the broker took it."""
        ...


class Drain:
    """Keeps up to ``window`` rows on their way. All calls come from one thread.

    The owner passes on ``link_up`` and each ``acknowledged``, and calls ``pump`` after it has
    dealt with all that had arrived, at least once a second. PUBACK counts for nothing here:
    brokers lose what they confirmed.
    """

    def __init__(
        self,
        outbox: Outbox,
        publisher: Publisher,
        topics: Topics,
        *,
        window: int = WINDOW,
        resend_s: float = RESEND_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._outbox = outbox
        self._publisher = publisher
        self._topics = topics
        self._window = window
        self._resend_s = resend_s
        self._clock = clock
        self._sent_at: dict[str, float] = {}
        self._unsendable: set[str] = set()
        self._stored: set[str] = set()

    def link_up(self) -> None:
        """Forget what was on its way by the old connection: it is sent again."""
        self._sent_at.clear()

    def pump(self) -> int:
        """Let go of what is acknowledged and send what is due; return how many rows were sent.

        Raises ``LullError`` when the disk fails; nothing is lost, call again.
        """
        self._let_go()
        if not self._publisher.connected:
            return 0
        rows = self._outbox.pending(self._window + len(self._unsendable))
        ids = {row.id for row in rows}
        self._sent_at = {row: at for row, at in self._sent_at.items() if row in ids}
        now = self._clock()
        due = [row for row in rows if self._is_due(row.id, now)]
        for row in due:
            self._send(row, now)
        return len(due)

    def acknowledged(self, payload: bytes) -> BadPayload | None:
        """Take an ``ack``: the next ``pump`` lets its rows go. A bad one is returned, unused."""
        ids = decode_ack(payload)
        if isinstance(ids, BadPayload):
            return ids
        self._stored.update(ids)
        return None

    def _let_go(self) -> None:
        """Write all acknowledgements at once: each write costs a sync of the SD card."""
        if self._stored:
            self._outbox.acknowledge(self._stored)
            self._stored.clear()

    def _is_due(self, row: str, now: float) -> bool:
        if row in self._unsendable:
            return False
        sent = self._sent_at.get(row)
        return sent is None or now - sent >= self._resend_s

    def _send(self, row: Outgoing, now: float) -> None:
        try:
            leaf, payload = _encode(row)
        except ValueError as error:
            self._unsendable.add(row.id)  # stays on the disk, out of the way of the others
            _log.error("Outbox row %s cannot be sent: %s.", row.id, error)
            return
        self._sent_at[row.id] = now
        future = self._publisher.publish(self._topics(leaf), payload)
        future.add_done_callback(partial(_log_failure, row.id))


def _encode(row: Outgoing) -> tuple[str, bytes]:
    if isinstance(row, EraseRequest):
        return "erase", encode_erase(row)
    return "feedback", encode_feedback(row)


def _log_failure(row: str, future: Future[None]) -> None:
    if error := future.exception():
        _log.warning("Outbox row %s was not taken (%s); it is sent again later.", row, error)
