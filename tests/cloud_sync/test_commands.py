from __future__ import annotations

import pytest

from cloud_sync.codec import BadPayload
from cloud_sync.commands import decode_command
from cloud_sync.topics import COMMANDS, Topics, split
from firmware_py.messages.errors import UserError
from firmware_py.messages.intent import Intent
from firmware_py.messages.remote import Rate, SetBreathing, SetGoal, SetMood, Vitals


@pytest.mark.parametrize(
    ("leaf", "payload", "command"),
    [
        ("set/playback", "pause", Intent("pause")),
        ("set/playback", "next", Intent("next")),
        ("set/mood", "anxious", SetMood("anxious")),
        ("set/mood", "我睡不着", SetMood("我睡不着")),
        ("set/goal", "sleep", SetGoal("sleep")),
        ("set/volume", "0", Intent("volume", percent=0)),
        ("set/volume", "100", Intent("volume", percent=100)),
        ("set/sleep_timer", "20", Intent("sleep_timer", minutes=20)),
        ("set/sleep_timer", "0.5", Intent("sleep_timer", minutes=0.5)),
        ("set/sleep_timer", "0", Intent("cancel_timer")),
        ("set/listening", "OFF", Intent("standby")),
        ("set/listening", "ON", Intent("wake")),
        ("set/breathing", "ON", SetBreathing(on=True)),
        ("set/feedback", "dislike", Intent("dislike")),
        ("set/feedback", "5", Rate(5)),
        ("vitals", '{"heart_rate": 62}', Vitals(62)),
    ],
)
def test_a_command(leaf: str, payload: str, command: object) -> None:
    assert decode_command(leaf, payload.encode()) == command


@pytest.mark.parametrize(
    ("leaf", "payload"),
    [
        ("set/playback", b"PLAY"),
        ("set/playback", b""),
        ("set/mood", b"  "),
        ("set/mood", b"\xff"),
        ("set/mood", b"x" * 2001),
        ("set/mood", b"x" * 1_000_000),
        ("set/goal", b"party"),
        ("set/volume", b"101"),
        ("set/volume", b"-1"),
        ("set/volume", b"40.5"),
        ("set/volume", b"4e1"),
        ("set/volume", "٤٠".encode()),
        ("set/volume", b"40\n"),
        ("set/sleep_timer", b"1441"),
        ("set/sleep_timer", b"nan"),
        ("set/sleep_timer", b"-5"),
        ("set/listening", b"on"),
        ("set/breathing", b"1"),
        ("set/feedback", b"0"),
        ("set/feedback", b"6"),
        ("vitals", b'{"heart_rate": 500}'),
        ("vitals", b'{"heart_rate": NaN}'),
        ("vitals", b"62"),
        ("set/firmware", b"x"),
    ],
)
def test_a_bad_command_is_refused(leaf: str, payload: bytes) -> None:
    assert isinstance(decode_command(leaf, payload), BadPayload)


def test_every_command_topic_is_read_and_subscribed() -> None:
    inbound = Topics("bed").inbound
    for leaf in COMMANDS:
        assert decode_command(leaf, b"\x00") != BadPayload("not a command topic")
        assert f"lull/bed/{leaf}" in inbound
    assert "lull/bed/ack" in inbound


@pytest.mark.parametrize("device", ["", "a/b", "+", "#", "bed\n", "ü", "x" * 65])
def test_an_id_that_would_break_topics_is_refused(device: str) -> None:
    with pytest.raises(UserError, match=r"device\.id"):
        Topics(device)
    assert split(f"lull/{device}/feedback") != (device, "feedback")


def test_topics_split() -> None:
    assert split("lull/bed-1/set/volume") == ("bed-1", "set/volume")
    assert split("lull/bed") is None
    assert split("mull/bed/feedback") is None
