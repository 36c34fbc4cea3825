"""When a voice begins and ends, on real clips with silence and noise laid around them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware_py.messages.errors import MissingError
from firmware_py.speech.endpoint import (
    RATE,
    SILENCE_S,
    WINDOW,
    Endpoint,
    VoiceEvent,
    VoiceProbability,
)
from tests.conftest import Say

Sound = NDArray[np.int16]
SENTENCES = ("I feel anxious, and I can't sleep.", "My heart is beating fast.", "Stop.")
WINDOW_S = WINDOW / RATE


def silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE), np.int16)


def spoken(say: Say, text: str, voice: str = "slt") -> Sound:
    """Return a clip without the quiet at its ends: samples below 2% of its peak."""
    samples, _ = soundfile.read(say(text, voice), dtype="int16")
    loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max())
    return np.asarray(samples[loud[0] : loud[-1]], np.int16)


@pytest.fixture(scope="module")
def endpoint(voice_model: Path) -> Endpoint:
    return Endpoint(voice_model)


def events(endpoint: Endpoint, sound: Sound, block: int = 800) -> list[VoiceEvent]:
    endpoint.reset()
    found = [e for i in range(0, len(sound), block) for e in endpoint.feed(sound[i : i + block])]
    return [*found, *endpoint.finish()]


@pytest.mark.parametrize("voice", ["slt", "rms", "awb", "kal16"])
@pytest.mark.parametrize("text", SENTENCES)
def test_begin_and_end_are_found(endpoint: Endpoint, say: Say, text: str, voice: str) -> None:
    clip = spoken(say, text, voice)
    began, ended = events(endpoint, np.concatenate((silence(1.0), clip, silence(1.0))))

    assert (began.kind, ended.kind) == ("began", "ended")
    assert abs(began.at_s - 1.0) < 0.2
    assert abs(ended.at_s - (1.0 + len(clip) / RATE)) < 0.2


def test_two_sentences_with_a_pause_are_two(endpoint: Endpoint, say: Say) -> None:
    first, second = spoken(say, SENTENCES[0]), spoken(say, SENTENCES[1])
    sound = np.concatenate((silence(0.5), first, silence(1.0), second, silence(1.0)))

    found = events(endpoint, sound)

    assert [event.kind for event in found] == ["began", "ended", "began", "ended"]
    assert abs(found[2].at_s - (1.5 + len(first) / RATE)) < 0.2


def test_a_breath_between_words_does_not_end_the_speech(endpoint: Endpoint, say: Say) -> None:
    parts = spoken(say, "I feel anxious"), spoken(say, "and I can't sleep")
    sound = np.concatenate((parts[0], silence(0.3), parts[1], silence(1.0)))

    assert [event.kind for event in events(endpoint, sound)] == ["began", "ended"]


def test_the_end_is_known_soon_after_the_last_word(endpoint: Endpoint, say: Say) -> None:
    clip = spoken(say, SENTENCES[0])
    sound = np.concatenate((silence(0.5), clip, silence(2.0)))
    endpoint.reset()
    known_at = None
    for start in range(0, len(sound), WINDOW):
        if any(e.kind == "ended" for e in endpoint.feed(sound[start : start + WINDOW])):
            known_at = (start + WINDOW) / RATE
            break

    assert known_at is not None
    assert known_at - (0.5 + len(clip) / RATE) < SILENCE_S + 0.2
    assert not endpoint.is_speaking


@pytest.mark.parametrize("ratio_db", [20, 10, 5, 0])
def test_noise_beside_the_voice_does_not_hide_its_end(
    endpoint: Endpoint, say: Say, ratio_db: int
) -> None:
    clip = spoken(say, SENTENCES[0])
    sound = np.concatenate((silence(1.0), clip, silence(1.5))).astype(float)
    noise = np.cumsum(np.random.default_rng(3).normal(size=len(sound) + 200))
    noise = np.convolve(noise, [1, -0.98], "same")[: len(sound)]  # brown, without the drift
    loudness = np.sqrt(np.mean(clip.astype(float) ** 2))
    noise *= loudness / noise.std() * 10 ** (-ratio_db / 20)

    found = events(endpoint, np.clip(sound + noise, -32768, 32767).astype(np.int16))

    assert [event.kind for event in found] == ["began", "ended"]
    assert abs(found[1].at_s - (1.0 + len(clip) / RATE)) < 0.35


def test_a_click_a_hum_and_silence_are_no_voice(endpoint: Endpoint) -> None:
    sound = silence(3.0)
    sound[RATE : RATE + 40] = 30_000
    hum = 3000 * np.sin(2 * np.pi * 50 * np.arange(3 * RATE) / RATE)

    assert events(endpoint, sound) == []
    assert events(endpoint, hum.astype(np.int16)) == []


def test_speech_that_is_still_going_on_ends_where_the_sound_ends(
    endpoint: Endpoint, say: Say
) -> None:
    clip = spoken(say, SENTENCES[0])
    began, ended = events(endpoint, clip[: len(clip) // 2])
    assert (began.kind, ended.kind) == ("began", "ended")
    assert ended.at_s <= len(clip) / 2 / RATE


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(1, 5000), min_size=1, max_size=30))
def test_the_size_of_the_blocks_changes_nothing(
    endpoint: Endpoint, say: Say, sizes: list[int]
) -> None:
    sound = np.concatenate((silence(0.3), spoken(say, SENTENCES[2]), silence(0.8)))
    endpoint.reset()
    found, start, turn = list[VoiceEvent](), 0, 0
    while start < len(sound):
        size = sizes[turn % len(sizes)]
        found += endpoint.feed(sound[start : start + size])
        start, turn = start + size, turn + 1

    found += endpoint.finish()
    assert found == events(endpoint, sound, len(sound))


def test_a_reset_forgets(endpoint: Endpoint, say: Say) -> None:
    sound = np.concatenate((silence(0.3), spoken(say, SENTENCES[1]), silence(0.8)))
    endpoint.reset()
    first = endpoint.feed(sound)
    endpoint.feed(sound[: RATE // 2])
    endpoint.reset()
    assert endpoint.feed(sound) == first


def test_the_model_is_fed_as_its_makers_feed_it(voice_model: Path, say: Say) -> None:
    """Each window is preceded by the 64 samples before it; the state goes on."""
    sound = spoken(say, SENTENCES[0]).astype(np.float32) / np.float32(32768)
    padded = np.concatenate((np.zeros(64, np.float32), sound))
    session = onnxruntime.InferenceSession(str(voice_model), providers=["CPUExecutionProvider"])
    state, wanted = np.zeros((2, 1, 128), np.float32), []
    for start in range(0, len(sound) - WINDOW, WINDOW):
        heard = padded[np.newaxis, start : start + 64 + WINDOW]
        feed = {"input": heard, "state": state, "sr": np.array(RATE)}
        probability, state = session.run(None, feed)
        wanted.append(float(probability[0, 0]))

    ours = VoiceProbability(voice_model)
    got = [ours.judge(sound[i : i + WINDOW]) for i in range(0, len(sound) - WINDOW, WINDOW)]

    assert got == pytest.approx(wanted, abs=1e-5)
    assert max(wanted) > 0.9


def test_one_window_is_no_voice_and_a_short_gap_no_end(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap = round(SILENCE_S / WINDOW_S) - 1
    likely = [0.0, 0.9, 0.0, 0.9, 0.9, *[0.0] * gap, 0.9, *[0.0] * (gap + 1), 0.9, 0.0]
    script = iter(likely)
    monkeypatch.setattr(VoiceProbability, "judge", lambda _self, _window: next(script))

    found = events(endpoint, silence(len(likely) * WINDOW_S))

    ended = (6 + gap) * WINDOW / RATE
    assert found == [VoiceEvent("began", 3 * WINDOW / RATE), VoiceEvent("ended", ended)]


def test_a_missing_model_is_told_with_its_mend(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"No voice-activity model at .*\. Fix: lull setup$"):
        Endpoint(tmp_path / "voice.onnx")


@pytest.mark.parametrize("kept", [0, 1000, 600_000])
def test_a_damaged_model_is_told_with_its_mend(
    voice_model: Path, tmp_path: Path, kept: int
) -> None:
    damaged = tmp_path / "silero-vad" / voice_model.name
    damaged.parent.mkdir()
    damaged.write_bytes(voice_model.read_bytes()[:kept])

    with pytest.raises(
        MissingError, match=f"is damaged. Fix: rm -r {damaged.parent} && lull setup"
    ):
        Endpoint(damaged)
