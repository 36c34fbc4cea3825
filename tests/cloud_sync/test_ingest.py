"""Device, broker and fleet together: a real mosquitto, worker processes, killed at bad moments."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cloud_sync.codec import BadPayload, decode_ack, encode_feedback
from cloud_sync.ingest import BATCH
from cloud_sync.link import Link
from firmware_py.feedback.store import FeedbackStore
from firmware_py.messages.feedback import Feedback
from tests.cloud_sync.conftest import Mosquitto, next_message, wait_until, wait_up
from tests.cloud_sync.device import BED, bed_drain, bed_link, step, sync_all
from tests.feedback.samples import SECRET, fill

Links = Callable[..., Link]


class Fleet:
    """Worker processes on one database."""

    def __init__(self, folder: Path, mosquitto: Mosquitto) -> None:
        self.database = folder / "fleet.sqlite3"
        self.workers: list[subprocess.Popen[str]] = []
        self._folder = folder
        self._port = mosquitto.port

    def start_worker(self) -> subprocess.Popen[str]:
        log = self._folder / f"worker-{len(self.workers)}.log"
        command = [sys.executable, "-m", "cloud_sync", "ingest"]
        command += ["--broker", f"127.0.0.1:{self._port}", "--database", str(self.database)]
        with log.open("w") as stderr:
            worker = subprocess.Popen(command, stderr=stderr, text=True)
        self.workers.append(worker)
        wait_until(lambda: "Ready" in log.read_text(), 20)
        return worker

    def ids(self) -> list[str]:
        return sorted(row["id"] for row in self.rows("feedback"))

    def rows(self, table: str) -> list[sqlite3.Row]:
        connection = sqlite3.connect(self.database)
        connection.row_factory = sqlite3.Row
        found = connection.execute(f"SELECT * FROM {table}").fetchall()
        connection.close()
        return found


@pytest.fixture
def fleet(tmp_path: Path, mosquitto: Mosquitto) -> Iterator[Fleet]:
    fleet = Fleet(tmp_path, mosquitto)
    yield fleet
    for worker in fleet.workers:
        worker.kill()
        worker.wait()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[FeedbackStore]:
    with FeedbackStore(tmp_path / "feedback.sqlite3", "bed") as opened:
        yield opened


@pytest.fixture
def bed(mosquitto: Mosquitto) -> Iterator[Link]:
    link = bed_link(mosquitto.broker)
    link.start()
    yield link
    link.stop()


def ids(rows: list[Feedback]) -> list[str]:
    return sorted(row.id for row in rows)


def test_feedback_reaches_the_fleet_and_leaves_the_outbox(
    mosquitto: Mosquitto, links: Links, fleet: Fleet, store: FeedbackStore, bed: Link
) -> None:
    spy = links(mosquitto.broker, "spy", subscriptions=["#"])
    wait_up(spy)
    fleet.start_worker()
    rows = fill(store, 100)
    sync_all(store, bed, bed_drain(store, bed))
    assert fleet.ids() == ids(rows)
    assert [row["device"] for row in fleet.rows("feedback")] == ["bed"] * 100
    heard = [spy.inbox.get() for _ in range(spy.inbox.qsize())]
    assert len(heard) > 100
    assert SECRET not in repr(heard)
    assert "because" not in repr(heard)


def test_a_broker_killed_right_after_puback_loses_nothing(
    mosquitto: Mosquitto, fleet: Fleet, store: FeedbackStore, bed: Link
) -> None:
    rows = fill(store, 30)
    wait_up(bed)
    for row in rows:  # nobody listens yet: the broker confirms all, and forgets
        bed.publish(BED("feedback"), encode_feedback(row)).result(5)
    drain = bed_drain(store, bed)
    drain.pump()
    mosquitto.kill()
    assert len(store.pending(100)) == 30
    mosquitto.start()
    fleet.start_worker()
    sync_all(store, bed, drain)
    assert fleet.ids() == ids(rows)


def test_a_broker_killed_again_and_again_loses_nothing(
    mosquitto: Mosquitto, fleet: Fleet, store: FeedbackStore, bed: Link
) -> None:
    fleet.start_worker()
    drain = bed_drain(store, bed, window=16)
    rng = random.Random(1)
    rows = []
    for _ in range(3):
        rows += fill(store, 40)
        deadline = time.monotonic() + rng.uniform(0.0, 1.0)
        while time.monotonic() < deadline or not bed.connected:
            step(bed, drain)
        mosquitto.kill()
        mosquitto.start()
    sync_all(store, bed, drain, timeout_s=60)
    assert fleet.ids() == ids(rows)


def test_a_worker_killed_under_load_loses_nothing(
    fleet: Fleet, store: FeedbackStore, bed: Link
) -> None:
    first, _second = fleet.start_worker(), fleet.start_worker()
    rows = fill(store, 120)
    drain = bed_drain(store, bed, window=32)
    while len(store.pending(1000)) > 90:
        step(bed, drain)
    first.kill()
    sync_all(store, bed, drain)
    assert fleet.ids() == ids(rows)


def test_a_device_killed_again_and_again_loses_and_doubles_nothing(
    tmp_path: Path, mosquitto: Mosquitto, fleet: Fleet
) -> None:
    fleet.start_worker()
    file = tmp_path / "feedback.sqlite3"
    said: set[str] = set()
    for turn in range(4):
        command = [sys.executable, "-m", "tests.cloud_sync.device", str(file)]
        device = subprocess.Popen(
            [*command, str(mosquitto.port), "60"], stdout=subprocess.PIPE, text=True
        )
        assert device.stdout is not None
        said.update(device.stdout.readline().strip() for _ in range(10 * turn + 5))
        device.kill()
        said.update(line for line in device.stdout.read().split("\n")[:-1] if line != "done")
        device.wait()
    with FeedbackStore(file, "bed") as store:
        link = bed_link(mosquitto.broker)
        link.start()
        sync_all(store, link, bed_drain(store, link))
        link.stop()
        kept = list(store.history(1))
    assert fleet.ids() == ids(kept)
    assert said <= {row.id for row in kept}


def test_five_deliveries_are_stored_once_and_acknowledged_each_time(
    mosquitto: Mosquitto, links: Links, fleet: Fleet, store: FeedbackStore
) -> None:
    fleet.start_worker()
    (row,) = fill(store, 1)
    phone = links(mosquitto.broker, "phone", subscriptions=[BED("ack")])
    wait_up(phone)
    for _ in range(5):
        phone.publish(BED("feedback"), encode_feedback(row)).result(5)
        assert decode_ack(next_message(phone).payload) == (row.id,)
    assert fleet.ids() == [row.id]


def test_more_than_the_broker_may_send_ahead_still_arrives(
    mosquitto: Mosquitto, links: Links, fleet: Fleet, store: FeedbackStore
) -> None:
    fleet.start_worker()
    (row,) = fill(store, 1)
    phone = links(mosquitto.broker, "phone", subscriptions=[BED("ack")])
    wait_up(phone)
    count = BATCH + 200
    sent = [phone.publish(BED("feedback"), encode_feedback(row)) for _ in range(count)]
    for future in sent:
        future.result(20)
    acknowledged = 0
    while acknowledged < count:
        ids = decode_ack(next_message(phone, timeout_s=20).payload)
        assert not isinstance(ids, BadPayload)
        acknowledged += len(ids)
    assert fleet.ids() == [row.id]


def test_poison_is_kept_aside_acknowledged_and_stops_nobody(
    mosquitto: Mosquitto, links: Links, fleet: Fleet, store: FeedbackStore
) -> None:
    fleet.start_worker()
    poison, good = fill(store, 2)
    phone = links(mosquitto.broker, "phone", subscriptions=["lull/+/ack"])
    wait_up(phone)
    strange = json.dumps(json.loads(encode_feedback(poison)) | {"v": 9}).encode()
    for payload in (b"", b"\xff\xfe", b"[" * 60_000, b'{"id":1}'):
        phone.publish(BED("feedback"), payload).result(5)
    phone.publish(BED("feedback"), strange).result(5)
    assert decode_ack(next_message(phone).payload) == (poison.id,)
    phone.publish("lull/sofa/feedback", encode_feedback(good)).result(5)  # not its own topic
    got = next_message(phone)
    assert (got.topic, decode_ack(got.payload)) == ("lull/sofa/ack", (good.id,))
    phone.publish(BED("feedback"), encode_feedback(good)).result(5)
    next_message(phone)
    assert fleet.ids() == [good.id]
    letters = fleet.rows("dead_letter")
    assert [letter["payload"] for letter in letters[1:]][-2] == strange
    reasons = ["not JSON", "not JSON", "Expected `object`, got `array`"]
    reasons += ["Expected `str`, got `int` - at `$.id`", "not one of the allowed values at `$.v`"]
    assert [letter["reason"] for letter in letters] == [*reasons, "device is not the topic's"]


def test_forgetting_erases_at_the_fleet_and_new_feedback_is_welcome(
    fleet: Fleet, store: FeedbackStore, bed: Link
) -> None:
    fleet.start_worker()
    drain = bed_drain(store, bed)
    old = fill(store, 20)
    sync_all(store, bed, drain)
    late = fill(store, 1)  # on its way when everything is forgotten
    store.forget()
    new = fill(store, 2)
    sync_all(store, bed, drain)
    assert fleet.ids() == ids(new)
    for row in (old[0], late[0]):  # the network delivers them once more
        bed.publish(BED("feedback"), encode_feedback(row)).result(5)
    new += fill(store, 1)
    sync_all(store, bed, drain)
    assert fleet.ids() == ids(new)


def test_sigterm_finishes_and_ends_well(fleet: Fleet, store: FeedbackStore, bed: Link) -> None:
    worker = fleet.start_worker()
    rows = fill(store, 60)
    drain = bed_drain(store, bed)
    while len(store.pending(100)) == 60:
        step(bed, drain)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    kept = set(fleet.ids())
    assert kept
    deadline = time.monotonic() + 5
    while not kept.isdisjoint(row.id for row in store.pending(100)):
        assert time.monotonic() < deadline, "it stored rows that it did not acknowledge"
        step(bed, drain)
    assert {row.id for row in store.pending(100)} | kept == set(ids(rows))


@pytest.mark.parametrize(
    ("options", "code", "text"),
    [
        (["--broker", "192.0.2.1:1883"], 2, "tls is off"),
        (["--broker", "localhost"], 2, "HOST:PORT"),
        (["--broker", "localhost:99999"], 2, "HOST:PORT"),
        (["--broker", "localhost:1883", "--ca-file", "/nowhere"], 2, "/nowhere"),
        (["--broker", "localhost:1883", "--database", "/nowhere/x"], 2, "/nowhere/x"),
    ],
)
def test_a_wrong_start_says_why(tmp_path: Path, options: list[str], code: int, text: str) -> None:
    database = ["--database", str(tmp_path / "fleet.sqlite3")]
    done = subprocess.run(
        [sys.executable, "-m", "cloud_sync", "ingest", *database, *options],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == code
    assert text in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
