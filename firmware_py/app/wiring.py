"""The composition root: which real part stands behind each port.

Parts are imported where they are opened, so that a command loads only what it uses.
"""
# ruff: noqa: PLC0415 - as the docstring says

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from importlib import import_module
from math import hypot
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from firmware_py.config.paths import Paths
from firmware_py.config.settings import Settings
from firmware_py.messages.heard import Language
from firmware_py.messages.mood import MOOD_LABELS, Mood, label_position
from firmware_py.messages.plan import BarTarget

if TYPE_CHECKING:  # the ports load numpy, 0.15 s that `lull --help` does not need
    from firmware_py.feedback.store import FeedbackStore
    from firmware_py.play.player import Player
    from firmware_py.ports.music import Composer, Renderer
    from firmware_py.ports.reading import MoodReader, Recogniser

RATE = 44_100
"""Frames a second of everything that is rendered."""


def load_ahead() -> None:
    """Load what playing needs in the background, while speech and mood are being read.

    Loading scipy, FluidSynth and onnxruntime takes as long as understanding a sentence.
    """
    parts = ("render.level", "render.synth", "play.player", "compose.model", "feedback.store")
    names = [f"firmware_py.{part}" for part in parts]
    Thread(target=lambda: [import_module(name) for name in names], daemon=True).start()


def open_mood_reader() -> MoodReader:
    """Return the trained mood reader. Raises ``MissingError`` when its model cannot be used."""
    from firmware_py.mood.reader import load_mood_reader

    return load_mood_reader()


def open_recogniser(language: Language) -> Recogniser:
    """Return the speech recogniser. Raises ``MissingError`` when a model is not there."""
    from firmware_py.app.fetch.check import speech_model_dir, voice_model_path

    paths = Paths.from_environment()
    model, voice_model = speech_model_dir(paths, language), voice_model_path(paths)
    from firmware_py.speech.recogniser import VoskRecogniser

    return VoskRecogniser(model, language, voice_model)


def open_composer(
    settings: Settings, seed: int, start: BarTarget, tell: Callable[[str], None]
) -> Composer:
    """Return the composer; ``tell`` is told, now or later, when it is not what was asked for."""
    from firmware_py.compose.opening import open_composer as open_best_composer

    composer, warning = open_best_composer(
        seed, start, tell=tell, accelerator=settings.device.accelerator
    )
    if warning is not None:
        tell(warning)
    return composer


def open_renderer(settings: Settings, seed: int) -> Renderer:
    """Return the synthesiser. Raises ``MissingError`` when no soundfont is there."""
    soundfont = find_soundfont(settings)
    from firmware_py.render.synth import FluidSynthRenderer

    return FluidSynthRenderer(soundfont, RATE, seed)


def find_soundfont(settings: Settings) -> Path:
    """Return the soundfont to play with. Raises ``MissingError`` when there is none."""
    from firmware_py.app.fetch.soundfont import find_soundfont as find

    return find(settings.music.soundfont, models=Paths.from_environment().models)


def language_of(text: str) -> Language:
    """Return the language that a sentence is written in."""
    from firmware_py.mood.features import clean, guess_language, split_units

    return guess_language(split_units(clean(text)))


def mood_at(valence: float, arousal: float) -> Mood:
    """Return the mood at a point of the plane, named by the nearest label."""

    def distance(position: tuple[float, float]) -> float:
        return hypot(position[0] - valence, position[1] - arousal)

    nearest = min(MOOD_LABELS, key=lambda label: distance(label_position(label)))
    return Mood(nearest, valence, arousal)


def open_feedback(settings: Settings) -> FeedbackStore:
    """Return the store of sessions and reactions. Raises as ``FeedbackStore`` does."""
    from firmware_py.feedback.store import FeedbackStore

    return FeedbackStore(Paths.from_environment().state / "feedback.db", settings.device.id)


def open_levelled_renderer(settings: Settings, seed: int) -> Renderer:
    """Return the synthesiser at the loudness of the files, for playing as it renders."""
    from firmware_py.render.level import LevelledRenderer

    return LevelledRenderer(open_renderer(settings, seed))


def open_player(settings: Settings) -> Player:
    """Return a player on the speaker of the settings; nothing is opened before it plays."""
    from device.speaker import PyAudioSpeaker
    from firmware_py.play.player import Player

    playback = settings.playback
    cap = playback.cap(datetime.now().astimezone().time())
    speaker = PyAudioSpeaker(settings.device.speaker, rate=RATE)
    return Player(speaker, RATE, volume=playback.volume, cap=cap)
