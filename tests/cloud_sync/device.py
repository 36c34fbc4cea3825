"""The device's side of sync as a loop, for tests; as a command it also records.

``python -m tests.cloud_sync.device FILE PORT COUNT`` records COUNT reactions, says each id once
its row is kept, and drains all the while, until it is killed.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from pathlib import Path

from cloud_sync.broker import Broker
from cloud_sync.connection import Arrived
from cloud_sync.drain import Drain
from cloud_sync.link import Link, LinkUp
from cloud_sync.topics import Topics
from firmware_py.feedback.store import FeedbackStore
from tests.feedback.samples import MOOD, add

BED = Topics("bed")


def bed_link(broker: Broker) -> Link:
    return Link(broker, "lull-bed", subscriptions=BED.inbound, presence=BED("status"))


def bed_drain(store: FeedbackStore, link: Link, window: int = 64) -> Drain:
    return Drain(store, link, BED, window=window, resend_s=1.0)


def step(link: Link, drain: Drain) -> None:
    """Deal with what arrived, or with nothing for a while; then send what is due."""
    timeout = 0.1
    try:
        while True:
            match link.inbox.get(timeout=timeout):
                case LinkUp():
                    drain.link_up()
                case Arrived(topic="lull/bed/ack", payload=payload):
                    drain.acknowledged(payload)
                case _:
                    pass
            timeout = 0.0
    except queue.Empty:
        drain.pump()


def sync_all(store: FeedbackStore, link: Link, drain: Drain, timeout_s: float = 30.0) -> None:
    """Drain until nothing is pending."""
    deadline = time.monotonic() + timeout_s
    while store.pending(1):
        assert time.monotonic() < deadline, f"still pending: {len(store.pending(10_000))}"
        step(link, drain)


def main(file: str, port: str, count: str) -> None:
    store = FeedbackStore(Path(file), "bed")
    link = bed_link(Broker("127.0.0.1", int(port)))
    link.start()
    drain = bed_drain(store, link)

    def record() -> None:
        session = store.begin_session(MOOD, "sleep", "rules").id
        for _ in range(int(count)):
            print(add(store, session).id, flush=True)  # noqa: T201
        print("done", flush=True)  # noqa: T201

    threading.Thread(target=record, daemon=True).start()
    while True:
        step(link, drain)


if __name__ == "__main__":
    main(*sys.argv[1:])
