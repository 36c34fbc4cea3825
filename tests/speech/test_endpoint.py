"""When a voice begins and ends, on real clips with silence and noise laid around them."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware_py.config.paths import ASSETS
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


def events(sound: Sound, block: int = 800) -> list[VoiceEvent]:
    endpoint = Endpoint()
    found = [e for i in range(0, len(sound), block) for e in endpoint.feed(sound[i : i + block])]
    return [*found, *endpoint.finish()]


@pytest.mark.parametrize("voice", ["slt", "rms", "awb", "kal16"])
@pytest.mark.parametrize("text", SENTENCES)
def test_begin_and_end_are_found(say: Say, text: str, voice: str) -> None:
    clip = spoken(say, text, voice)
    began, ended = events(np.concatenate((silence(1.0), clip, silence(1.0))))

    assert (began.kind, ended.kind) == ("began", "ended")
    assert abs(began.at_s - 1.0) < 0.2
    assert abs(ended.at_s - (1.0 + len(clip) / RATE)) < 0.2


def test_two_sentences_with_a_pause_are_two(say: Say) -> None:
    first, second = spoken(say, SENTENCES[0]), spoken(say, SENTENCES[1])
    sound = np.concatenate((silence(0.5), first, silence(1.0), second, silence(1.0)))

    found = events(sound)

    assert [event.kind for event in found] == ["began", "ended", "began", "ended"]
    assert abs(found[2].at_s - (1.5 + len(first) / RATE)) < 0.2


def test_a_breath_between_words_does_not_end_the_speech(say: Say) -> None:
    parts = spoken(say, "I feel anxious"), spoken(say, "and I can't sleep")
    sound = np.concatenate((parts[0], silence(0.3), parts[1], silence(1.0)))

    assert [event.kind for event in events(sound)] == ["began", "ended"]


def test_the_end_is_known_soon_after_the_last_word(say: Say) -> None:
    clip = spoken(say, SENTENCES[0])
    sound = np.concatenate((silence(0.5), clip, silence(2.0)))
    endpoint, known_at = Endpoint(), None
    for start in range(0, len(sound), WINDOW):
        if any(e.kind == "ended" for e in endpoint.feed(sound[start : start + WINDOW])):
            known_at = (start + WINDOW) / RATE
            break

    assert known_at is not None
    assert known_at - (0.5 + len(clip) / RATE) < SILENCE_S + 0.2
    assert not endpoint.is_speaking


@pytest.mark.parametrize("ratio_db", [20, 10, 5, 0])
def test_noise_beside_the_voice_does_not_hide_its_end(say: Say, ratio_db: int) -> None:
    clip = spoken(say, SENTENCES[0])
    sound = np.concatenate((silence(1.0), clip, silence(1.5))).astype(float)
    noise = np.cumsum(np.random.default_rng(3).normal(size=len(sound) + 200))
    noise = np.convolve(noise, [1, -0.98], "same")[: len(sound)]  # brown, without the drift
    loudness = np.sqrt(np.mean(clip.astype(float) ** 2))
    noise *= loudness / noise.std() * 10 ** (-ratio_db / 20)

    found = events(np.clip(sound + noise, -32768, 32767).astype(np.int16))

    assert [event.kind for event in found] == ["began", "ended"]
    assert abs(found[1].at_s - (1.0 + len(clip) / RATE)) < 0.35


def test_a_click_a_hum_and_silence_are_no_voice() -> None:
    sound = silence(3.0)
    sound[RATE : RATE + 40] = 30_000
    hum = 3000 * np.sin(2 * np.pi * 50 * np.arange(3 * RATE) / RATE)

    assert events(sound) == []
    assert events(hum.astype(np.int16)) == []


def test_speech_that_is_still_going_on_ends_where_the_sound_ends(say: Say) -> None:
    clip = spoken(say, SENTENCES[0])
    began, ended = events(clip[: len(clip) // 2])
    assert (began.kind, ended.kind) == ("began", "ended")
    assert ended.at_s <= len(clip) / 2 / RATE


@settings(max_examples=15, deadline=None)
@given(sizes=st.lists(st.integers(1, 5000), min_size=1, max_size=30))
def test_the_size_of_the_blocks_changes_nothing(say: Say, sizes: list[int]) -> None:
    sound = np.concatenate((silence(0.3), spoken(say, SENTENCES[2]), silence(0.8)))
    endpoint, found, start, turn = Endpoint(), list[VoiceEvent](), 0, 0
    while start < len(sound):
        size = sizes[turn % len(sizes)]
        found += endpoint.feed(sound[start : start + size])
        start, turn = start + size, turn + 1

    assert [*found, *endpoint.finish()] == events(sound, len(sound))


def test_a_reset_forgets(say: Say) -> None:
    sound = np.concatenate((silence(0.3), spoken(say, SENTENCES[1]), silence(0.8)))
    endpoint = Endpoint()
    first = endpoint.feed(sound)
    endpoint.feed(sound[: RATE // 2])
    endpoint.reset()
    assert endpoint.feed(sound) == first


def test_the_model_is_fed_as_its_makers_feed_it(say: Say) -> None:
    """Each window is preceded by the 64 samples before it; the state goes on."""
    sound = spoken(say, SENTENCES[0]).astype(np.float32) / np.float32(32768)
    padded = np.concatenate((np.zeros(64, np.float32), sound))
    session = onnxruntime.InferenceSession(
        str(ASSETS / "silero-vad" / "silero_vad_16k_op15.onnx"), providers=["CPUExecutionProvider"]
    )
    state, wanted = np.zeros((2, 1, 128), np.float32), []
    for start in range(0, len(sound) - WINDOW, WINDOW):
        heard = padded[np.newaxis, start : start + 64 + WINDOW]
        feed = {"input": heard, "state": state, "sr": np.array(RATE)}
        probability, state = session.run(None, feed)
        wanted.append(float(probability[0, 0]))

    ours = VoiceProbability()
    got = [ours.judge(sound[i : i + WINDOW]) for i in range(0, len(sound) - WINDOW, WINDOW)]

    assert got == pytest.approx(wanted, abs=1e-5)
    assert max(wanted) > 0.9


def test_one_window_is_no_voice_and_a_short_gap_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    gap = round(SILENCE_S / WINDOW_S) - 1
    likely = [0.0, 0.9, 0.0, 0.9, 0.9, *[0.0] * gap, 0.9, *[0.0] * (gap + 1), 0.9, 0.0]
    script = iter(likely)
    monkeypatch.setattr(VoiceProbability, "judge", lambda _self, _window: next(script))

    found = events(silence(len(likely) * WINDOW_S))

    ended = (6 + gap) * WINDOW / RATE
    assert found == [VoiceEvent("began", 3 * WINDOW / RATE), VoiceEvent("ended", ended)]
