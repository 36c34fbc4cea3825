"""The fleet's side of feedback: validate, store once, and only then acknowledge."""

from __future__ import annotations

import logging
import queue
import threading
import uuid
from collections import defaultdict
from concurrent.futures import Future
from concurrent.futures import wait as wait_for
from typing import Final

from cloud_sync import topics
from cloud_sync.broker import Broker
from cloud_sync.codec import BadPayload, decode_erase, decode_feedback, encode_ack, readable_id
from cloud_sync.connection import Arrived
from cloud_sync.fleet_store import DeadLetter, FleetStore, Tally
from cloud_sync.link import Link, LinkDown, LinkEvent, LinkUp
from firmware_py.messages.erase import EraseRequest
from firmware_py.messages.errors import LullError
from firmware_py.messages.feedback import Feedback

BATCH: Final = 500
"""Messages in one transaction; also how many the broker may send ahead."""
_RETRY_S: Final = 1.0
_GOODBYE_S: Final = 2.0

_log = logging.getLogger(__name__)


def fleet_link(broker: Broker) -> Link:
    """Return the link of one worker: a share of all devices' feedback.

    The broker holds back what is not settled yet, so a slow database slows the broker down
    instead of filling the worker's memory, and what a killed worker had goes to another.
    """
    return Link(
        broker,
        f"lull-ingest-{uuid.uuid4()}",
        subscriptions=topics.fleet_subscriptions(),
        inbox_limit=10 * BATCH,
        unsettled=BATCH,
    )


class IngestWorker:
    """Moves messages from a link to the store and acknowledges them. Used by one thread."""

    def __init__(self, store: FleetStore, link: Link) -> None:
        self._store = store
        self._link = link
        self._acks: set[Future[None]] = set()
        self.total = Tally()

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop``, then finish what has arrived."""
        while not stop.is_set():
            self._take(self._next_batch(timeout_s=0.2), stop)
        self._take(self._next_batch(timeout_s=0.0), stop)  # the broker sends no more ahead
        wait_for(self._acks, timeout=_GOODBYE_S)
        _log.info("Ended: %s.", self.total)

    def _next_batch(self, timeout_s: float) -> list[Arrived]:
        batch: list[Arrived] = []
        try:
            event = self._link.inbox.get(timeout=timeout_s)
            while True:
                if isinstance(event, Arrived):
                    batch.append(event)
                else:
                    _log_link(event)
                if len(batch) >= BATCH:
                    break
                event = self._link.inbox.get_nowait()
        except queue.Empty:
            pass
        return batch

    def _take(self, batch: list[Arrived], stop: threading.Event) -> None:
        if not batch or not self._save([_read(arrived) for arrived in batch], stop):
            return
        self._acknowledge(batch)
        for arrived in batch:
            self._link.settle(arrived)

    def _save(
        self, items: list[Feedback | EraseRequest | DeadLetter], stop: threading.Event
    ) -> bool:
        """Store a batch, trying until it succeeds or the worker must end."""
        while True:
            try:
                tally = self._store.save(items)
            except LullError as error:
                _log.error("%s Trying again.", error)
                if stop.wait(_RETRY_S):
                    return False  # not settled, not acknowledged: it comes again
            else:
                _log.log(logging.WARNING if tally.dead else logging.DEBUG, "%s", tally)
                self.total += tally
                return True

    def _acknowledge(self, batch: list[Arrived]) -> None:
        """Tell each device what is stored; also the unreadable, or it would come for ever."""
        stored: defaultdict[str, list[str]] = defaultdict(list)
        for arrived in batch:
            place, row = topics.split(arrived.topic), readable_id(arrived.payload)
            if place is not None and row is not None:
                stored[place[0]].append(row)
        self._acks = {future for future in self._acks if not future.done()}
        for device, rows in stored.items():
            topic = topics.Topics(device)("ack")
            self._acks.add(self._link.publish(topic, encode_ack(rows)))


def _read(arrived: Arrived) -> Feedback | EraseRequest | DeadLetter:
    place = topics.split(arrived.topic)
    if place is None:
        return DeadLetter(None, arrived.topic, arrived.payload, "not a device's topic")
    device, leaf = place
    decode = decode_erase if leaf == "erase" else decode_feedback
    got = decode(arrived.payload)
    if isinstance(got, BadPayload):
        return DeadLetter(device, arrived.topic, arrived.payload, got.reason)
    if got.device != device:
        return DeadLetter(device, arrived.topic, arrived.payload, "device is not the topic's")
    return got


def _log_link(event: LinkEvent) -> None:
    match event:
        case LinkUp():
            _log.info("Ready: subscribed to %s.", ", ".join(topics.fleet_subscriptions()))
        case LinkDown(reason):
            _log.warning("Link lost: %s.", reason)
        case _:
            pass
