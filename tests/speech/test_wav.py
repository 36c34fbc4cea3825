"""Any WAV becomes 16 kHz mono; whatever is no WAV is refused in one clear line."""

from __future__ import annotations

import logging
import subprocess
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware_py.messages.errors import UserError
from firmware_py.speech.wav import MAX_SECONDS, RATE, read_speech

SUBTYPES = ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")
TONE_HZ = 440.0


def tone(rate: int, seconds: float, channels: int = 1) -> NDArray[np.float64]:
    """Half-scale sine; every channel is a little softer than the one before."""
    wave = 0.5 * np.sin(2 * np.pi * TONE_HZ * np.arange(round(rate * seconds)) / rate)
    return np.stack([wave * 0.9**channel for channel in range(channels)], axis=1)


@settings(max_examples=40, deadline=None)
@given(
    rate=st.sampled_from((8000, 11025, 16000, 22050, 32000, 44100, 48000, 96000, 192000)),
    subtype=st.sampled_from(SUBTYPES),
    channels=st.integers(1, 8),
    seconds=st.floats(0.3, 1.5),
)
def test_the_same_tone_from_any_format(
    tmp_path_factory: pytest.TempPathFactory,
    rate: int,
    subtype: str,
    channels: int,
    seconds: float,
) -> None:
    path = tmp_path_factory.mktemp("tone") / "tone.wav"
    wave = tone(rate, seconds, channels)
    soundfile.write(path, wave, rate, subtype=subtype)

    heard = read_speech(path)

    assert heard.dtype == np.int16
    assert heard.ndim == 1
    assert abs(len(heard) - len(wave) * RATE / rate) <= 1
    middle = slice(RATE // 10, len(heard) - RATE // 10)  # the resampler rings at the very ends
    loudness = np.mean([0.9**channel for channel in range(channels)])
    wanted = tone(RATE, seconds + 0.01)[: len(heard), 0] * loudness
    error = heard[middle] / 32767 - wanted[middle]
    noise = 0.01 if subtype == "PCM_U8" else 0.001
    assert np.sqrt(np.mean(error**2)) < noise


def test_what_16_khz_cannot_hold_is_filtered_out_not_folded_back(tmp_path: Path) -> None:
    path = tmp_path / "whistle.wav"
    wave = 0.5 * np.sin(2 * np.pi * 12_000 * np.arange(48_000) / 48_000)
    soundfile.write(path, wave, 48_000)

    heard = read_speech(path)

    assert np.abs(heard[1000:-1000]).max() < 33  # -60 dB


def test_float_samples_beyond_full_scale_are_clipped_not_wrapped(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    soundfile.write(path, np.full(RATE, 3.0), RATE, subtype="FLOAT")

    assert read_speech(path).min() == 32767


def test_a_wav_cut_in_the_middle_is_read_as_far_as_it_goes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole, cut = tmp_path / "whole.wav", tmp_path / "cut.wav"
    soundfile.write(whole, tone(RATE, 2.0), RATE)
    content = whole.read_bytes()
    cut.write_bytes(content[: len(content) // 2])

    with caplog.at_level(logging.WARNING):
        heard = read_speech(cut)

    assert np.array_equal(heard, read_speech(whole)[: len(heard)])
    assert abs(len(heard) - RATE) < 50
    assert "50% of its sound is missing" in caplog.text


def test_a_whole_wav_with_chunks_after_its_sound_is_not_called_cut(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "tagged.wav"
    soundfile.write(path, tone(RATE, 1.0), RATE)
    with path.open("ab") as file:
        file.write(b"LIST\x04\x00\x00\x00INFO")

    assert len(read_speech(path)) == RATE
    assert caplog.text == ""


def test_a_wav_from_a_pipe_with_unknown_length_is_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole, piped = tmp_path / "whole.wav", tmp_path / "piped.wav"
    soundfile.write(whole, tone(RATE, 1.0), RATE)
    command = ["sh", "-c", f"cat {whole} | sox -t wav - -t wav - > {piped}"]
    subprocess.run(command, check=True, capture_output=True)

    assert len(read_speech(piped)) == RATE
    assert caplog.text == ""


def bad_files(folder: Path) -> dict[str, tuple[Path, str]]:
    """Return each kind of bad file with words that its error must hold."""
    good = folder / "good.wav"
    soundfile.write(good, tone(RATE, 1.0), RATE)
    header = good.read_bytes()[:44]
    files: dict[str, tuple[Path, str]] = {}

    def add(name: str, content: bytes, words: str) -> None:
        files[name] = folder / f"{name}.wav", words
        files[name][0].write_bytes(content)

    add("empty", b"", "0 bytes")
    add("text", b"I feel anxious and I cannot sleep.\n" * 40, "not a WAV file")
    add("cut in its header", header[:20], "not a WAV file")
    add("cut after its header", header, "no sound")
    add("zeros", bytes(5000), "not a WAV file")
    add("wrong magic", b"RIFX????" + header[8:] + bytes(2000), "not a WAV file")
    files["a folder"] = folder, "Cannot read"
    files["absent"] = folder / "absent.wav", "Cannot read"
    flac = folder / "flac.wav"
    soundfile.write(flac, tone(RATE, 1.0), RATE, format="FLAC")
    files["flac"] = flac, "FLAC, not WAV"
    nan = folder / "nan.wav"
    soundfile.write(nan, np.full(RATE, np.nan), RATE, subtype="FLOAT")
    files["not numbers"] = nan, "not numbers"
    slow = folder / "slow.wav"
    soundfile.write(slow, np.zeros(100), 50)
    files["50 Hz"] = slow, "50 Hz"
    long = folder / "long.wav"
    soundfile.write(long, np.zeros(round(8000 * (MAX_SECONDS + 1))), 8000, subtype="PCM_U8")
    files["too long"] = long, "at most 120 s"
    return files


def test_bad_files_are_refused_in_one_line_that_says_why(tmp_path: Path) -> None:
    for name, (path, words) in bad_files(tmp_path).items():
        with pytest.raises(UserError) as refused:
            read_speech(path)
        assert words in str(refused.value), name
        assert str(path) in str(refused.value), name
        assert "\n" not in str(refused.value), name


@settings(max_examples=60, deadline=None)
@given(position=st.integers(0, 43), value=st.integers(0, 255))
def test_a_flipped_header_byte_is_read_or_refused_never_worse(
    tmp_path_factory: pytest.TempPathFactory, position: int, value: int
) -> None:
    path = tmp_path_factory.mktemp("flip") / "flip.wav"
    soundfile.write(path, tone(RATE, 0.3), RATE)
    content = bytearray(path.read_bytes())
    content[position] = value
    path.write_bytes(content)
    try:
        heard = read_speech(path)
    except UserError:
        return
    assert heard.dtype == np.int16
    assert heard.ndim == 1
