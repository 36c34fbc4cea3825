from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from cloud_sync.codec import BadPayload, decode_erase, decode_feedback, encode_ack
from cloud_sync.drain import Drain
from cloud_sync.topics import Topics
from firmware_py.feedback.store import FeedbackStore
from firmware_py.messages.erase import EraseRequest
from firmware_py.messages.feedback import Feedback
from tests.feedback.samples import fill, new_id


class Wire:
    """A publisher that keeps what it was given."""

    def __init__(self) -> None:
        self.connected = True
        self.sent: list[tuple[str, bytes]] = []

    def publish(self, topic: str, payload: bytes) -> Future[None]:
        self.sent.append((topic, payload))
        done: Future[None] = Future()
        done.set_result(None)  # PUBACK, which must count for nothing
        return done

    def take(self) -> list[int]:
        """Return the ``seq`` of what was sent since the last call."""
        items = [decode_feedback(payload) for _, payload in self.sent]
        self.sent.clear()
        assert all(isinstance(item, Feedback) for item in items)
        return [item.seq for item in items if isinstance(item, Feedback)]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FeedbackStore]:
    with FeedbackStore(tmp_path / "feedback.sqlite3", "bed") as opened:
        yield opened


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def drain(store: FeedbackStore, wire: Wire, clock: Clock) -> Drain:
    return Drain(store, wire, Topics("bed"), window=3, resend_s=30, clock=clock)


def test_at_most_a_window_is_on_its_way(store: FeedbackStore, wire: Wire, drain: Drain) -> None:
    rows = fill(store, 5)
    assert drain.pump() == 3
    assert drain.pump() == 0
    assert wire.take() == [1, 2, 3]
    assert drain.acknowledged(encode_ack([rows[1].id])) is None
    drain.pump()
    assert wire.take() == [4]
    drain.acknowledged(encode_ack([row.id for row in rows[:2]]))
    drain.acknowledged(encode_ack([row.id for row in rows[2:]]))
    assert drain.pump() == 0
    assert store.pending(10) == ()


def test_without_an_ack_the_same_row_is_sent_again(
    store: FeedbackStore, wire: Wire, drain: Drain, clock: Clock
) -> None:
    (row,) = fill(store, 1)
    drain.pump()
    clock.now = 29.9
    assert drain.pump() == 0
    clock.now = 30.0
    assert drain.pump() == 1
    first, second = wire.sent
    assert first == second
    assert row.id.encode() in first[1]


def test_a_new_link_starts_over_and_no_link_sends_nothing(
    store: FeedbackStore, wire: Wire, drain: Drain
) -> None:
    fill(store, 2)
    wire.connected = False
    assert drain.pump() == 0
    wire.connected = True
    drain.pump()
    assert wire.take() == [1, 2]
    drain.link_up()
    drain.pump()
    assert wire.take() == [1, 2]


@pytest.mark.parametrize("payload", [b"", b"{}", b'{"v":1,"ids":["1"]}', b'{"v":1,"ids":null}'])
def test_a_bad_ack_changes_nothing(store: FeedbackStore, drain: Drain, payload: bytes) -> None:
    fill(store, 1)
    assert isinstance(drain.acknowledged(payload), BadPayload)
    drain.pump()
    assert len(store.pending(10)) == 1


def test_an_ack_of_a_stranger_changes_nothing(store: FeedbackStore, drain: Drain) -> None:
    fill(store, 1)
    assert drain.acknowledged(encode_ack([new_id()])) is None
    drain.pump()
    assert len(store.pending(10)) == 1


def test_an_ack_counts_even_when_the_link_has_gone(
    store: FeedbackStore, wire: Wire, drain: Drain
) -> None:
    (row,) = fill(store, 1)
    drain.pump()
    drain.acknowledged(encode_ack([row.id]))
    wire.connected = False
    drain.pump()
    assert store.pending(10) == ()


def test_a_row_that_cannot_be_sent_stays_and_holds_nobody_up(
    store: FeedbackStore, wire: Wire, drain: Drain
) -> None:
    fill(store, 5)
    # A flipped bit on the disk made a number that no plan makes.
    store._database.connection.execute("UPDATE feedback SET tempo = 1e9 WHERE seq <= 3")
    drain.pump()
    drain.pump()
    assert wire.take() == [4, 5]
    assert len(store.pending(10)) == 5


def test_an_erase_request_goes_first_and_alone(
    store: FeedbackStore, wire: Wire, drain: Drain
) -> None:
    fill(store, 2)
    drain.pump()
    wire.sent.clear()
    store.forget()
    fill(store, 1)
    drain.pump()
    ((topic, payload),) = wire.sent
    assert topic == "lull/bed/erase"
    request = decode_erase(payload)
    assert isinstance(request, EraseRequest)
    wire.sent.clear()
    drain.acknowledged(encode_ack([request.id]))
    drain.pump()
    assert wire.take() == [3]
