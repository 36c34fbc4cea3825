from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from firmware_py.ports.audio import Stereo
from firmware_py.render.synth import FluidSynthRenderer
from firmware_py.render.timbre import RUMBLE_HZ, BrightnessFilter, cutoff
from tests.render.bars import make_bars

RATE = 44100


def sine(frequency: float, seconds: float) -> Stereo:
    wave = np.sin(2 * np.pi * frequency * np.arange(round(seconds * RATE)) / RATE)
    return np.stack([wave, wave], axis=1).astype(np.float32)


def spectrum(audio: NDArray[np.float32]) -> NDArray[np.float64]:
    window = signal.windows.blackmanharris(len(audio))
    return np.asarray(np.abs(np.fft.rfft(audio * window)))


def test_at_rest_it_is_the_butterworth_filters_of_scipy() -> None:
    noise = np.random.default_rng(1).standard_normal((RATE, 2)).astype(np.float32)
    low = signal.butter(2, cutoff(0.4), fs=RATE, output="sos")
    high = signal.butter(2, RUMBLE_HZ, "highpass", fs=RATE, output="sos")
    expected = signal.sosfilt(np.vstack([high, low]), noise.astype(np.float64), axis=0)
    assert np.allclose(BrightnessFilter(RATE).process(noise, 0.4), expected, atol=1e-6)


def test_blocks_join_without_a_seam() -> None:
    noise = np.random.default_rng(2).standard_normal((3000, 2)).astype(np.float32)
    whole = BrightnessFilter(RATE).process(noise, 0.3)
    parts = BrightnessFilter(RATE)
    joined = [parts.process(noise[at : at + 700], 0.3) for at in range(0, 3000, 700)]
    assert np.allclose(np.concatenate(joined), whole, atol=1e-6)


def test_a_gliding_cutoff_makes_no_zipper_noise() -> None:
    gliding = BrightnessFilter(RATE)
    gliding.process(sine(500, 0.5), 0.2)
    heard = gliding.process(sine(500, 3.0), 0.8)[:, 0]
    lines = spectrum(heard)
    frequencies = np.fft.rfftfreq(len(heard), 1 / RATE)
    # Steps of the filter every 256 frames would show as lines around 500 Hz +- 172 Hz.
    zipper = lines[np.abs(frequencies - 500) > 60].max()
    assert 20 * np.log10(zipper / lines.max()) < -75


def test_music_gets_brighter_with_brightness(soundfont: Path) -> None:
    def centroid(brightness: float) -> float:
        renderer = FluidSynthRenderer(soundfont)
        bars = make_bars(2, brightness=brightness)
        lines = spectrum(np.concatenate([renderer.render_bar(bar)[:, 0] for bar in bars]))
        frequencies = np.fft.rfftfreq(2 * (len(lines) - 1), 1 / RATE)
        return float((frequencies * lines**2).sum() / (lines**2).sum())

    found = [centroid(brightness) for brightness in (0.36, 0.48, 0.6)]  # one palette
    assert found == sorted(found)
    assert found[2] > found[0] * 1.05


def test_a_constant_offset_is_taken_out() -> None:
    offset = np.full((2 * RATE, 2), 0.1, dtype=np.float32)
    out = BrightnessFilter(RATE).process(offset, 0.5)
    assert np.abs(out[RATE:]).max() < 1e-4
