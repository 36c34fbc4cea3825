from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from paho.mqtt.client import MQTTMessageInfo

from cloud_sync.broker import Broker
from cloud_sync.connection import NotSentError
from cloud_sync.link import Link
from cloud_sync.topics import Topics
from tests.cloud_sync.conftest import (
    Mosquitto,
    next_message,
    wait_down,
    wait_until,
    wait_up,
)

Links = Callable[..., Link]
BED = Topics("bed")


def test_a_message_goes_and_comes(mosquitto: Mosquitto, links: Links) -> None:
    bed = links(mosquitto.broker, "bed", subscriptions=BED.inbound)
    phone = links(mosquitto.broker, "phone")
    wait_up(bed)
    wait_up(phone)
    phone.publish(BED("set/volume"), b"30").result(5)
    got = next_message(bed)
    assert (got.topic, got.payload, got.retained) == ("lull/bed/set/volume", b"30", False)


def test_a_retained_command_says_that_it_is_old(mosquitto: Mosquitto, links: Links) -> None:
    phone = links(mosquitto.broker, "phone")
    wait_up(phone)
    phone.publish(BED("set/volume"), b"99", retain=True).result(5)
    bed = links(mosquitto.broker, "bed", subscriptions=BED.inbound)
    assert next_message(bed).retained


def test_presence_and_last_will(mosquitto: Mosquitto, links: Links) -> None:
    watcher = links(mosquitto.broker, "watcher", subscriptions=[BED("status")])
    wait_up(watcher)
    code = (
        "import sys, time; from cloud_sync.broker import Broker; from cloud_sync.link import Link;"
        "Link(Broker('127.0.0.1', int(sys.argv[1])), 'bed', presence='lull/bed/status').start();"
        "time.sleep(60)"
    )
    device = subprocess.Popen([sys.executable, "-c", code, str(mosquitto.port)])
    assert next_message(watcher).payload == b"online"
    device.kill()  # no goodbye
    device.wait()
    assert next_message(watcher).payload == b"offline"

    bed = links(mosquitto.broker, "bed", presence=BED("status"))
    assert next_message(watcher).payload == b"online"
    bed.stop()
    assert next_message(watcher).payload == b"offline"
    late = links(mosquitto.broker, "late", subscriptions=[BED("status")])
    got = next_message(late)
    assert (got.payload, got.retained) == (b"offline", True)


@pytest.mark.parametrize("outage_s", [0.0, 6.0])
def test_the_link_is_back_within_ten_seconds_of_the_broker(
    mosquitto: Mosquitto, links: Links, outage_s: float
) -> None:
    bed = links(mosquitto.broker, "bed", subscriptions=BED.inbound)
    wait_up(bed)
    mosquitto.kill()
    wait_down(bed)
    assert not bed.connected
    time.sleep(outage_s)
    mosquitto.start()
    wait_up(bed, timeout_s=10.0)
    phone = links(mosquitto.broker, "phone")
    wait_up(phone)
    phone.publish(BED("set/volume"), b"30").result(5)
    assert next_message(bed).payload == b"30"


def test_a_link_waits_for_a_broker_that_is_not_there_yet(
    mosquitto: Mosquitto, links: Links
) -> None:
    mosquitto.kill()
    bed = links(mosquitto.broker, "bed")
    time.sleep(1.0)
    mosquitto.start()
    wait_up(bed)


def test_what_the_broker_did_not_take_has_failed(mosquitto: Mosquitto, links: Links) -> None:
    with pytest.raises(NotSentError, match="not connected"):
        Link(mosquitto.broker, "bed").publish(BED("feedback"), b"x").result(1)
    bed = links(mosquitto.broker, "bed")
    wait_up(bed)
    assert mosquitto.process is not None
    mosquitto.process.send_signal(19)  # SIGSTOP: it takes nothing any more
    waiting = [bed.publish(BED("feedback"), b"x") for _ in range(50)]
    mosquitto.kill()
    for future in waiting:
        with pytest.raises(NotSentError):
            future.result(10)


def test_a_publish_that_the_broker_forbids_has_failed(mosquitto: Mosquitto, links: Links) -> None:
    mosquitto.kill()
    mosquitto.start(acl="topic readwrite lull/bed/#\n")
    bed = links(mosquitto.broker, "bed")
    wait_up(bed)
    bed.publish("lull/bed/feedback", b"mine").result(5)
    with pytest.raises(NotSentError, match="Not authorized"):
        bed.publish("lull/sofa/feedback", b"not mine").result(5)


def test_a_puback_that_overtakes_its_publish_counts(mosquitto: Mosquitto, links: Links) -> None:
    bed = links(mosquitto.broker, "bed")
    wait_up(bed)
    current = bed._current
    assert current is not None
    send = current._client.publish

    def slow_publish(*args: Any, **options: Any) -> MQTTMessageInfo:
        info = send(*args, **options)
        wait_until(lambda: info.mid in current._early, 5)
        return info

    current._client.publish = slow_publish  # type: ignore[method-assign]
    bed.publish(BED("feedback"), b"x").result(5)


def test_a_flood_is_bounded_and_the_link_lives(mosquitto: Mosquitto, links: Links) -> None:
    bed = links(mosquitto.broker, "bed", subscriptions=BED.inbound, inbox_limit=10)
    phone = links(mosquitto.broker, "phone")
    wait_up(bed)
    wait_up(phone)
    for n in range(200):
        phone.publish(BED("set/mood"), os.urandom(n)).result(5)
    wait_until(lambda: bed.dropped == 190, 5)
    assert bed.inbox.qsize() == 10
    while not bed.inbox.empty():
        bed.inbox.get()
    phone.publish(BED("set/volume"), b"30").result(5)
    assert next_message(bed).payload == b"30"


def test_unsettled_messages_are_held_back_by_the_broker(mosquitto: Mosquitto, links: Links) -> None:
    slow = links(mosquitto.broker, "slow", subscriptions=["jobs"], unsettled=5)
    phone = links(mosquitto.broker, "phone")
    wait_up(slow)
    wait_up(phone)
    for n in range(60):
        phone.publish("jobs", str(n).encode()).result(5)
    wait_until(lambda: slow.inbox.qsize() == 5, 5)
    got: list[int] = []
    while len(got) < 60:
        event = next_message(slow)
        got.append(int(event.payload))
        slow.settle(event)
    assert got == list(range(60))
    assert slow.dropped == 0


def test_a_dropped_message_does_not_stall_the_broker(mosquitto: Mosquitto, links: Links) -> None:
    slow = links(mosquitto.broker, "slow", subscriptions=["jobs"], inbox_limit=0, unsettled=5)
    phone = links(mosquitto.broker, "phone")
    wait_up(slow)
    wait_up(phone)
    for n in range(60):
        phone.publish("jobs", str(n).encode()).result(5)
    wait_until(lambda: slow.dropped == 60, 10)


def test_a_packet_that_breaks_the_client_does_not_end_the_link(
    mosquitto: Mosquitto, links: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("threading.excepthook", lambda args: None)
    bed = links(mosquitto.broker, "bed")
    wait_up(bed)
    current = bed._current
    assert current is not None

    def break_(*_args: object) -> None:
        raise RuntimeError("as if paho had failed on a packet")

    current._client.on_publish = break_
    with pytest.raises(NotSentError):
        bed.publish("x", b"x").result(10)
    wait_up(bed)
    bed.publish("x", b"x").result(5)


def test_years_of_trying_leave_no_file_open(
    mosquitto: Mosquitto, links: Links, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cloud_sync.link.FIRST_DELAY_S", 0.01)
    monkeypatch.setattr("cloud_sync.link.LAST_DELAY_S", 0.01)
    bed = links(mosquitto.broker, "bed", subscriptions=BED.inbound)
    descriptors = Path("/proc/self/fd")
    for turn in range(20):
        wait_up(bed)
        current = bed._current
        assert current is not None
        if turn == 4:
            before = len(list(descriptors.iterdir()))
        current.close()
        del current
        wait_down(bed)
    wait_up(bed)
    assert len(list(descriptors.iterdir())) <= before


def test_stop_returns_when_nothing_answers(links: Links) -> None:
    link = links(Broker("127.0.0.1", 1), "bed", presence=BED("status"))
    link.stop()
    assert not link._thread.is_alive()
