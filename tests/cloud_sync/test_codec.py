from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud_sync import codec
from cloud_sync.codec import MAX_PAYLOAD, BadPayload
from cloud_sync.commands import decode_command
from cloud_sync.topics import COMMANDS
from firmware_py.messages.clock import rfc3339, utc_now
from firmware_py.messages.erase import EraseRequest
from firmware_py.messages.feedback import Feedback
from firmware_py.messages.mood import Mood
from firmware_py.messages.plan import GOALS
from firmware_py.messages.state import DeviceEvent, DeviceState
from tests.feedback.samples import (
    MOOD,
    SECRET,
    TARGET,
    feedback,
    instants,
    moods,
    new_id,
    uuids,
)

FEEDBACK = Feedback(
    new_id(), "bed", 7, rfc3339(utc_now()), "rating", 4, MOOD, "sleep", TARGET, 61.25, new_id()
)
STATE = DeviceState("playing", MOOD, "calm", 40, 600, 12, 66.5, True, new_id(), "0123abcd")
EVENT = DeviceEvent(FEEDBACK.at, "warning", "bad_payload", "set/volume: not a number")
ERASE = EraseRequest(new_id(), "bed", FEEDBACK.at, (new_id(), new_id()))

Decoder = Callable[[bytes], object]
PAYLOADS: list[tuple[bytes, Decoder]] = [
    (codec.encode_feedback(FEEDBACK), codec.decode_feedback),
    (codec.encode_state(STATE), codec.decode_state),
    (codec.encode_event(EVENT), codec.decode_event),
    (codec.encode_erase(ERASE), codec.decode_erase),
    (codec.encode_ack([new_id()]), codec.decode_ack),
    (b'{"heart_rate": 61.5}', codec.decode_vitals),
]
DECODERS: list[Decoder] = [
    *(decoder for _, decoder in PAYLOADS),
    codec.readable_id,
    *(lambda payload, leaf=leaf: decode_command(leaf, payload) for leaf in COMMANDS),
]


def wordless(mood: Mood | None) -> Mood | None:
    return mood and replace(mood, because=(), goal_hint=None)


@given(item=feedback())
def test_feedback_comes_back_as_it_was_but_for_words(item: Feedback) -> None:
    back = codec.decode_feedback(codec.encode_feedback(item))
    assert back == replace(item, mood=wordless(item.mood))


@given(at=instants(), id_=uuids(), sessions=st.lists(uuids(), max_size=5).map(tuple))
def test_erase_and_ack_come_back(at: str, id_: str, sessions: tuple[str, ...]) -> None:
    request = EraseRequest(id_, "bed", at, sessions)
    assert codec.decode_erase(codec.encode_erase(request)) == request
    assert codec.decode_ack(codec.encode_ack(sessions)) == sessions


@given(mood=moods(), timer=st.none() | st.integers(0, 86_400), tempo=st.floats(0, 400))
def test_state_comes_back(mood: Mood | None, timer: int | None, tempo: float) -> None:
    state = replace(STATE, mood=mood, sleep_timer_s=timer, tempo=tempo)
    mood = mood and replace(mood, because=(), goal_hint=None, confidence=1.0)
    assert codec.decode_state(codec.encode_state(state)) == replace(state, mood=mood)


def test_an_event_comes_back() -> None:
    assert codec.decode_event(codec.encode_event(EVENT)) == EVENT


def test_the_keys_are_those_of_the_contract() -> None:
    feedback_keys = "v id device seq at kind rating mood goal targets played_s session"
    state_keys = "v playback mood goal volume sleep_timer_s bar tempo listening session model"
    sent = json.loads(codec.encode_feedback(FEEDBACK))
    state = json.loads(codec.encode_state(STATE))
    assert set(sent) == set(feedback_keys.split())
    assert set(sent["mood"]) == {"label", "valence", "arousal", "confidence"}
    assert set(state) == set(state_keys.split())
    assert set(state["mood"]) == {"label", "valence", "arousal"}
    assert set(json.loads(codec.encode_event(EVENT))) == {"v", "at", "level", "code", "detail"}
    assert set(json.loads(codec.encode_ack([]))) == {"v", "ids"}


@given(item=feedback(), mood=moods())
def test_no_word_of_the_person_is_ever_in_a_payload(item: Feedback, mood: Mood | None) -> None:
    for sent in (codec.encode_feedback(item), codec.encode_state(replace(STATE, mood=mood))):
        assert SECRET.encode() not in sent
        assert b"because" not in sent
        assert b"goal_hint" not in sent


@pytest.mark.parametrize(
    "wrong",
    [
        replace(FEEDBACK, played_s=float("nan")),
        replace(FEEDBACK, target=replace(TARGET, tempo=float("inf"))),
        replace(FEEDBACK, target=replace(TARGET, density=99.0)),
        replace(FEEDBACK, kind="like"),  # with a rating
        replace(FEEDBACK, id="1"),
        replace(FEEDBACK, seq=0),
        replace(FEEDBACK, at="2026-02-31T00:00:00Z"),
        replace(FEEDBACK, device="a/b"),
    ],
)
def test_what_the_fleet_would_refuse_is_not_encoded(wrong: Feedback) -> None:
    with pytest.raises(ValueError, match=r"."):
        codec.encode_feedback(wrong)


def edited(**fields: object) -> bytes:
    return json.dumps(json.loads(codec.encode_feedback(FEEDBACK)) | fields).encode()


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (edited().replace(b'"sleep"', b'"\xff"'), "not UTF-8"),
        (edited()[:-1], "not JSON"),
        (edited() + b"x", "not JSON"),
        (edited(played_s=float("nan")), "not JSON"),
        (edited(transcript="help"), "unknown key"),
        (edited(v=2), "not one of the allowed values at `$.v`"),
        (edited(kind="loved"), "not one of the allowed values at `$.kind`"),
        (edited(seq=True), "Expected `int`, got `bool` - at `$.seq`"),
        (edited(seq="7"), "Expected `int`, got `str` - at `$.seq`"),
        (edited(seq=2**80), "Expected `int` <= 9007199254740991 - at `$.seq`"),
        (edited(rating=None), "rating goes with kind rating"),
        (edited(at="2026-02-31T00:00:00Z"), "day is out of range for month"),
        (b"[" * 50_000, "Expected `object`, got `array`"),
        (b'{"v":' + b"[" * 50_000, "Expected `int`, got `array` - at `$.v`"),
        (b" " * (MAX_PAYLOAD + 1), f"{MAX_PAYLOAD + 1} bytes, at most {MAX_PAYLOAD} are read"),
    ],
)
def test_bad_feedback_says_why(payload: bytes, reason: str) -> None:
    assert codec.decode_feedback(payload) == BadPayload(reason)


@pytest.mark.parametrize("key", json.loads(codec.encode_feedback(FEEDBACK)))
def test_no_key_may_be_missing(key: str) -> None:
    fields = json.loads(codec.encode_feedback(FEEDBACK))
    del fields[key]
    assert isinstance(codec.decode_feedback(json.dumps(fields).encode()), BadPayload)


def test_the_id_of_a_poisoned_payload_can_be_read() -> None:
    assert codec.readable_id(edited(v=99, kind="loved", deep=[[[]]])) == FEEDBACK.id
    assert codec.readable_id(b'{"id": "1"}') is None
    nested = b'{"deep":' + b"[" * 60_000 + b"]" * 100
    assert codec.readable_id(nested) is None


@pytest.mark.parametrize("seed", range(4))
def test_tens_of_thousands_of_broken_payloads_raise_nothing(seed: int) -> None:
    rng = random.Random(seed)
    refused = 0
    for _ in range(2500):
        payload = mutated(rng)
        for decode in DECODERS:  # 16 decoders: 40,000 decodings a seed
            refused += isinstance(decode(payload), BadPayload)
    assert refused > 2500


def mutated(rng: random.Random) -> bytes:
    data = bytearray(rng.choice(PAYLOADS)[0])
    for _ in range(rng.randrange(1, 6)):
        at = rng.randrange(len(data) + 1)
        match rng.randrange(5):
            case 0:
                data[at:at] = rng.randbytes(rng.randrange(1, 9))
            case 1:
                del data[at : at + rng.randrange(1, 30)]
            case 2:
                data[at : at + 1] = rng.choice(TOKENS)
            case 3:
                data[at:at] = data[rng.randrange(len(data) + 1) :]
            case _:
                data[at:at] = rng.choice(TOKENS) * rng.randrange(1, 400)
    return bytes(data)


TOKENS = [b"NaN", b"-Infinity", b"1e999", b"[", b"{", b'"', b"null", b"\\ud800", b"\x00", b"\xff"]
TOKENS += [b"9" * 40, b"-", b'{"a":', b",", b":", b"true", "\u2028".encode(), b"}"]


@settings(max_examples=300)
@given(payload=st.binary(max_size=200))
def test_any_bytes_raise_nothing(payload: bytes) -> None:
    for decode in DECODERS:
        decode(payload)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)


@settings(max_examples=300)
@given(key=st.sampled_from(sorted(json.loads(codec.encode_feedback(FEEDBACK)))), value=json_values)
def test_what_is_accepted_can_be_sent_again(key: str, value: object) -> None:
    got = codec.decode_feedback(edited(**{key: value}))
    if not isinstance(got, BadPayload):
        assert codec.decode_feedback(codec.encode_feedback(got)) == got


@given(value=json_values, goal=st.sampled_from(GOALS))
def test_a_refusal_quotes_nothing(value: object, goal: str) -> None:
    payloads = [edited(goal=SECRET), edited(**{SECRET: value}), edited(session=SECRET)]
    payloads += [edited(mood={"label": SECRET}), edited(targets={SECRET: goal})]
    for payload in payloads:
        got = codec.decode_feedback(payload)
        assert isinstance(got, BadPayload)
        assert SECRET not in got.reason
    for leaf in COMMANDS:
        refused = decode_command(leaf, SECRET.encode())
        assert leaf == "set/mood" or SECRET not in repr(refused)
