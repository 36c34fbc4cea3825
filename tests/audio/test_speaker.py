"""The real speaker on a virtual sound card: what is played is what is heard."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from device.listing import list_devices
from device.speaker import PyAudioSpeaker
from firmware_py.messages.errors import MissingError
from firmware_py.play.deck import Block
from firmware_py.play.player import Player
from firmware_py.ports.audio import Stereo
from firmware_py.render.level import LevelledRenderer
from firmware_py.render.synth import FluidSynthRenderer
from tests.audio.virtual_card import RATE, VirtualCard
from tests.render.bars import make_bars
from tests.render.conftest import soundfont

__all__ = ["soundfont"]  # the fixture


def heard_in(recording: Path) -> Stereo:
    return np.fromfile(recording, np.float32).reshape(-1, 2)


def aligned(heard: Stereo, played: Stereo, at: int) -> Stereo:
    """The part of ``heard`` in which the second of ``played`` from frame ``at`` sounds, and on."""
    pattern = played[at : at + RATE, 0]
    size = 1 << (len(heard) + len(pattern)).bit_length()
    products = np.fft.irfft(
        np.fft.rfft(heard[:, 0], size) * np.conj(np.fft.rfft(pattern, size)), size
    )
    return heard[int(products[: len(heard)].argmax()) :]


def snr(heard: Stereo, played: Stereo) -> float:
    error = float(np.square(heard.astype(np.float64) - played).sum())
    return 10 * np.log10(float(np.square(played, dtype=np.float64).sum()) / max(error, 1e-12))


class Tune:
    """Plays an array once, then silence."""

    def __init__(self, audio: Stereo) -> None:
        self._audio = audio
        self.at = 0

    def __call__(self, frames: int) -> Stereo:
        part = self._audio[self.at : self.at + frames]
        self.at += frames
        return np.concatenate([part, np.zeros((frames - len(part), 2), np.float32)])


def noise(seconds: float) -> Stereo:
    random = np.random.default_rng(3)
    return random.uniform(-0.5, 0.5, (round(seconds * RATE), 2)).astype(np.float32)


def steady_speaker() -> PyAudioSpeaker:
    """Four times the usual buffer: the tests may share two cores with a training run."""
    return PyAudioSpeaker(frames_per_buffer=4096)


def test_music_from_the_player_arrives_unharmed(card: VirtualCard, soundfont: Path) -> None:
    rendered: list[Stereo] = []

    def music() -> Iterator[Block]:
        renderer = LevelledRenderer(FluidSynthRenderer(soundfont))
        for bar in make_bars(2, tempo=100.0):
            rendered.append(renderer.render_bar(bar))
            yield Block(rendered[-1], bar.index)
        rendered.append(renderer.finish())
        yield Block(rendered[-1], 1)

    speaker = steady_speaker()
    player = Player(speaker, RATE, volume=100, cap=100, fade_in_s=0.5)
    try:
        with card.recording() as recording:
            player.play(music())
            assert player.wait(60)
            time.sleep(0.3)
        underruns = player.status.underruns
    finally:
        player.close()
    played = np.concatenate(rendered)
    begin, end = RATE, len(played) - RATE // 10  # past the fade-in; the end is silence
    heard = aligned(heard_in(recording), played, begin)[: end - begin]
    assert underruns == 0
    assert snr(heard, played[begin:end]) > 60


def test_stopping_lets_everything_sound(card: VirtualCard) -> None:
    tune, speaker = noise(1.5), steady_speaker()
    fill = Tune(tune)
    with card.recording() as recording:
        speaker.start(fill)
        while fill.at < len(tune):
            time.sleep(0.005)
        speaker.stop()
        speaker.stop()
        time.sleep(0.3)
    heard = aligned(heard_in(recording), tune, 0)[: len(tune)]
    assert speaker.underruns == 0
    assert snr(heard, tune) > 60


def test_it_can_be_started_again(card: VirtualCard) -> None:
    speaker = PyAudioSpeaker("default")
    for _ in range(2):
        fill = Tune(noise(0.2))
        speaker.start(fill)
        time.sleep(0.3)
        speaker.stop()
        assert fill.at > 0


def test_devices_are_listed_by_names_without_numbers(card: VirtualCard) -> None:
    devices = list_devices()
    speakers = {device.name: device for device in devices if device.kind == "speaker"}
    microphones = {device.name for device in devices if device.kind == "microphone"}
    assert set(speakers) == microphones == {"default", "pulse"}
    assert speakers["default"].default
    assert not speakers["pulse"].default
    assert speakers["pulse"].rate == RATE


def test_a_speaker_that_is_not_there_is_named(card: VirtualCard) -> None:
    speaker = PyAudioSpeaker("the good one")
    with pytest.raises(
        MissingError, match=r"No device matches the speaker 'the good one'.*devices"
    ):
        speaker.start(Tune(noise(0.1)))
    speaker.stop()


def test_a_part_of_the_name_is_enough(card: VirtualCard) -> None:
    speaker = PyAudioSpeaker("PULS")
    speaker.start(Tune(noise(0.1)))
    speaker.stop()


_OPEN = """
from device.listing import list_devices
from device.speaker import PyAudioSpeaker
from firmware_py.messages.errors import MissingError
print(len(list_devices()))
try:
    PyAudioSpeaker().start(lambda frames: None)
except MissingError as error:
    print(error)
"""


def test_a_machine_without_sound_says_so_and_nothing_else(tmp_path: Path) -> None:
    """In a process of its own: ALSA keeps the configuration it has read."""
    (tmp_path / "asound.conf").write_text("pcm.default { type pulse }\n")  # and no PulseAudio
    environment = {
        **os.environ,
        "ALSA_CONFIG_PATH": str(tmp_path / "asound.conf"),
        "PULSE_SERVER": "unix:/nonexistent",
    }
    done = subprocess.run(
        [sys.executable, "-c", _OPEN], env=environment, capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    assert lines[0] == "0"
    assert "There is no speaker on this machine" in lines[1]
    assert "Fix: " in lines[1]
    assert done.stderr == ""


def test_an_underrun_is_counted_and_says_nothing_on_stderr(
    card: VirtualCard, capfd: pytest.CaptureFixture[str]
) -> None:
    speaker, fill = PyAudioSpeaker(frames_per_buffer=256), Tune(noise(2.0))

    def late(frames: int) -> Stereo:
        if RATE // 2 < fill.at < RATE // 2 + 2 * frames:
            time.sleep(0.3)
        return fill(frames)

    speaker.start(late)
    while fill.at < RATE:
        time.sleep(0.01)
    speaker.stop()
    assert speaker.underruns >= 1
    assert capfd.readouterr().err == ""
