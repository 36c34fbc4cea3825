"""The link to a broker: connects in the background, comes back by itself, never blocks."""

from __future__ import annotations

import logging
import queue
import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from cloud_sync.broker import Broker
from cloud_sync.connection import Arrived, Connection, NotSentError, Profile

FIRST_DELAY_S: Final = 0.5
LAST_DELAY_S: Final = 4.0
"""With the connect timeout (4 s) still within ten seconds of the broker's return."""
_STEADY_S: Final = 10.0
"""A connection that lasted this long ends the backing off."""
_GOODBYE_S: Final = 1.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LinkUp:
    """Connected and subscribed; retained state may be published again."""


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The connection ended."""

    reason: str


LinkEvent = LinkUp | LinkDown | Arrived


class Link:
    """A lasting link. ``inbox`` gives what happened, in order; one consumer reads it."""

    inbox: queue.SimpleQueue[LinkEvent]

    def __init__(
        self,
        broker: Broker,
        client_id: str,
        *,
        subscriptions: Sequence[str] = (),
        presence: str | None = None,
        inbox_limit: int = 1000,
        unsettled: int | None = None,
    ) -> None:
        """Prepare a link; ``start`` connects it.

        ``presence``: topic for ``online`` and the last will ``offline``, retained.
        ``inbox_limit``: messages held for the consumer; more are dropped and counted.
        ``unsettled``: messages the broker may send before earlier ones are settled with
        ``settle``; None: nothing needs settling. mosquitto 2.0.11 sends more than that once it
        had to queue (eclipse-mosquitto/mosquitto#2301), so leave room in the inbox.
        """
        receive_maximum = min(unsettled or inbox_limit, 65_535)
        self._profile = Profile(broker, client_id, subscriptions, presence, receive_maximum)
        self._inbox_limit = inbox_limit
        self._manual_ack = unsettled is not None
        self._stopping = threading.Event()
        self._current: Connection | None = None
        self._thread = threading.Thread(target=self._run, name="mqtt-link", daemon=True)
        self.inbox = queue.SimpleQueue()
        self.dropped = 0
        """Messages dropped because the consumer was too slow."""

    @property
    def connected(self) -> bool:
        """Whether a publish has a chance now."""
        return self._current is not None

    def start(self) -> None:
        """Connect in the background and keep connected until ``stop``."""
        self._thread.start()

    def stop(self) -> None:
        """Say ``offline`` and disconnect; returns within 3 s, whatever the network does."""
        self._stopping.set()
        current = self._current
        if current is not None:
            self._say_offline(current)
            current.close()
        self._thread.join(timeout=2.0)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> Future[None]:
        """Send with QoS 1 and return at once.

        The future is done when the broker took the message and said so; it fails with
        ``NotSentError`` when there is no connection, it ends first, or the broker refuses.
        """
        current = self._current
        if current is None:
            future: Future[None] = Future()
            future.set_exception(NotSentError("not connected"))
            return future
        return current.publish(topic, payload, retain=retain)

    def settle(self, arrived: Arrived) -> None:
        """Tell the broker that a message is dealt with, for a link with ``unsettled``."""
        if arrived.origin is self._current and self._current is not None:
            self._current.settle(arrived)

    def _run(self) -> None:
        delay = FIRST_DELAY_S
        last_reason = ""
        while not self._stopping.is_set():
            started = time.monotonic()
            reason = self._connect_once()
            if self._stopping.is_set():
                return
            if reason != last_reason:
                _log.warning("No link to the broker: %s. Trying again.", reason)
                last_reason = reason
            if time.monotonic() - started > _STEADY_S:
                delay = FIRST_DELAY_S
            self._stopping.wait(random.uniform(delay / 2, delay))  # noqa: S311 (jitter)
            delay = min(2 * delay, LAST_DELAY_S)

    def _connect_once(self) -> str:
        """Hold one connection until it ends; return why."""
        connection = Connection(
            self._profile,
            on_up=self._came_up,
            on_message=self._arrived,
            manual_ack=self._manual_ack,
        )
        try:
            connection.open()
        except (OSError, ValueError) as error:
            connection.finish()
            return str(error)
        # A thread of its own: should paho fail on a packet, the connection ends, not the link.
        network = threading.Thread(target=connection.serve, name="mqtt-network", daemon=True)
        network.start()
        network.join()
        was_up = self._current is connection
        self._current = None
        connection.finish()
        if was_up:
            self.inbox.put(LinkDown(connection.reason))
        return connection.reason

    def _came_up(self, connection: Connection) -> None:
        self._current = connection
        self.inbox.put(LinkUp())
        if self._stopping.is_set():
            connection.close()

    def _arrived(self, origin: Connection, arrived: Arrived) -> None:
        if self.inbox.qsize() < self._inbox_limit:
            self.inbox.put(arrived)
            return
        self.dropped += 1
        if self._manual_ack:  # or it would count against the broker's allowance for ever
            origin.settle(arrived)

    def _say_offline(self, current: Connection) -> None:
        if self._profile.presence is None:
            return
        try:
            current.publish(self._profile.presence, b"offline", retain=True).result(_GOODBYE_S)
        except (NotSentError, TimeoutError) as error:
            _log.info("Could not say offline: %s. The last will does.", error)
