from __future__ import annotations

from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from firmware_py.messages.score import Bar
from firmware_py.ports.audio import Stereo
from firmware_py.render.level import LevelledRenderer, expected_lufs
from firmware_py.render.limiter import CEILING_DBTP, Limiter
from firmware_py.render.loudness import TARGET_LUFS, LoudnessMeter
from firmware_py.render.peaks import TruePeakMeter
from firmware_py.render.synth import FluidSynthRenderer
from tests.render.bars import make_bars

RATE = 44100


def noise(seconds: float, seed: int = 0, amplitude: float = 0.1) -> Stereo:
    random = np.random.default_rng(seed)
    return (amplitude * random.standard_normal((round(seconds * RATE), 2))).astype(np.float32)


def tone(dbfs: float, seconds: float, frequency: float = 1000.0) -> Stereo:
    wave = np.sin(2 * np.pi * frequency * np.arange(round(seconds * RATE)) / RATE)
    return (10 ** (dbfs / 20) * np.stack([wave, wave], axis=1)).astype(np.float32)


def integrated(audio: Stereo, chunk: int = 10_000) -> float | None:
    meter = LoudnessMeter(RATE)
    for at in range(0, len(audio), chunk):
        meter.add(audio[at : at + chunk])
    return meter.integrated


def true_peak(audio: Stereo) -> float:
    """dBTP by another resampler than ours."""
    return float(20 * np.log10(np.abs(soxr.resample(audio, RATE, 4 * RATE, "VHQ")).max()))


@pytest.fixture(scope="module")
def music(soundfont: Path) -> Stereo:
    renderer = FluidSynthRenderer(soundfont)
    bars = make_bars(5, dynamics=0.6)
    return np.concatenate([*(renderer.render_bar(bar) for bar in bars), renderer.finish()])


# The first three signals of EBU Tech 3341 (minimum requirements for "EBU mode" meters).
@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(-23.0, 20.0)], -23.0),
        ([(-33.0, 20.0)], -33.0),
        ([(-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0)], -23.0),
    ],
)
def test_the_meter_meets_tech_3341(parts: list[tuple[float, float]], expected: float) -> None:
    audio = np.concatenate([tone(dbfs, seconds) for dbfs, seconds in parts])
    assert integrated(audio) == pytest.approx(expected, abs=0.1)


@settings(max_examples=5, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-60, -3), st.integers(5, 15)), min_size=1, max_size=4),
    st.integers(500, 60_000),
)
def test_the_meter_agrees_with_pyloudnorm(parts: list[tuple[float, int]], chunk: int) -> None:
    audio = np.concatenate(
        [noise(tenths / 10, i, 10 ** (db / 20)) for i, (db, tenths) in enumerate(parts)]
    )
    expected = pyloudnorm.Meter(RATE, filter_class="DeMan").integrated_loudness(audio)
    assert integrated(audio, chunk) == pytest.approx(expected, abs=0.05)


def test_the_meter_agrees_with_pyloudnorm_on_music(music: Stereo) -> None:
    expected = pyloudnorm.Meter(RATE, filter_class="DeMan").integrated_loudness(music)
    assert integrated(music) == pytest.approx(expected, abs=0.02)


def test_silence_has_no_loudness() -> None:
    assert integrated(np.zeros((RATE, 2), np.float32)) is None


@pytest.mark.parametrize(("frequency", "phase"), [(RATE / 4, 0.25), (RATE / 6, 1 / 6), (9000, 0.1)])
def test_true_peaks_lie_between_the_samples(frequency: float, phase: float) -> None:
    at = np.arange(RATE) / RATE
    wave = 0.5 * np.sin(2 * np.pi * frequency * at + np.pi * phase) * np.hanning(RATE)
    meter = TruePeakMeter()
    audio = np.stack([wave, 0 * wave], axis=1).astype(np.float32)
    for begin in range(0, RATE, 999):
        meter.add(audio[begin : begin + 999])
    assert meter.dbtp == pytest.approx(-6.02, abs=0.1)


@settings(max_examples=8, deadline=None)
@given(st.floats(-30, 30), st.integers(40, 30_000), st.integers(0, 5))
def test_the_limiter_holds_the_ceiling_in_blocks_of_any_size(
    gain_db: float, chunk: int, seed: int
) -> None:
    audio = _bursts(gain_db, seed)
    limiter = Limiter()
    blocks = [limiter.process(audio[at : at + chunk]) for at in range(0, len(audio), chunk)]
    assert all(len(out) == min(chunk, len(audio) - i * chunk) for i, out in enumerate(blocks))
    out = np.concatenate([*blocks, limiter.flush()])[limiter.latency :]
    assert len(out) == len(audio)
    assert true_peak(out) <= CEILING_DBTP
    whole = Limiter()
    again = np.concatenate([whole.process(audio), whole.flush()])[whole.latency :]
    assert np.array_equal(out, again)


def _bursts(gain_db: float, seed: int) -> Stereo:
    """Half a second of noise in bursts, below 14 kHz as everything that BrightnessFilter passes."""
    levels = np.repeat(np.random.default_rng(seed).random(10) ** 4, 2205)[:, np.newaxis]
    low_pass = signal.butter(6, 14_000, fs=RATE, output="sos")
    audio = signal.sosfiltfilt(low_pass, noise(0.5, seed, 10 ** (gain_db / 20)) * levels, axis=0)
    return np.asarray(audio, dtype=np.float32)


def test_what_is_below_the_ceiling_passes_unchanged(music: Stereo) -> None:
    limiter = Limiter()
    out = np.concatenate([limiter.process(music), limiter.flush()])
    assert np.array_equal(out[limiter.latency :], music)


def test_a_limited_peak_is_turned_down_without_a_step() -> None:
    audio = tone(-7.0, 2.0, 200.0)
    audio[RATE : RATE + 400] *= 6.0
    limiter = Limiter()
    out = np.concatenate([limiter.process(audio), limiter.flush()])[limiter.latency :]
    loud = np.abs(audio[:, 0]) > 0.1
    gain = np.where(loud, out[:, 0] / np.where(loud, audio[:, 0], 1), np.nan)
    gain = gain[~np.isnan(gain)]
    assert gain.min() < 0.4
    assert np.abs(np.diff(gain)).max() < 0.1  # gaps where the wave crosses zero are skipped
    assert gain[-1] == 1.0


class Steady:
    """A renderer of noise at a known loudness, to watch the gain of what wraps it."""

    rate = RATE

    def __init__(self, lufs: float) -> None:
        raw = noise(2.0)
        loudness = pyloudnorm.Meter(RATE).integrated_loudness(raw)
        self._audio = (raw * 10 ** ((lufs - loudness) / 20)).astype(np.float32)

    def render_bar(self, bar: Bar) -> Stereo:
        return self._audio

    def finish(self) -> Stereo:
        return self._audio


@pytest.mark.parametrize("error_db", [-6.0, 0.0, 6.0])
def test_loudness_while_playing_goes_to_the_target_slowly(error_db: float) -> None:
    steady = Steady(expected_lufs(0.4) + error_db)
    levelled = LevelledRenderer(steady)
    bars = make_bars(40, dynamics=0.4)
    out = np.concatenate([levelled.render_bar(bar) for bar in bars])[Limiter.latency :]
    raw = np.concatenate([steady.render_bar(bar) for bar in bars])[: len(out)]
    windows = [slice(at, at + RATE) for at in range(0, len(out) - RATE, RATE)]
    gains = [20 * np.log10(np.std(out[part]) / np.std(raw[part])) for part in windows]
    assert np.abs(np.diff(gains)).max() <= 0.1 + 1e-3  # dB a second
    assert integrated(out[-20 * RATE :]) == pytest.approx(TARGET_LUFS, abs=0.3)
    # It never overshoots: no pumping.
    assert np.all(np.diff(gains) * -np.sign(error_db) >= -1e-3) or error_db == 0


def test_music_while_playing_is_at_the_target(soundfont: Path) -> None:
    levelled = LevelledRenderer(FluidSynthRenderer(soundfont))
    bars = make_bars(9, tempo=84.0, dynamics=0.3, brightness=0.6)
    blocks = [levelled.render_bar(bar) for bar in bars]
    plain = FluidSynthRenderer(soundfont)
    assert [len(block) for block in blocks] == [len(plain.render_bar(bar)) for bar in bars]
    whole = np.concatenate([*blocks, levelled.finish()])
    assert integrated(whole) == pytest.approx(TARGET_LUFS, abs=1.0)
    assert true_peak(whole) <= CEILING_DBTP
