"""Recognisers with the real models."""

from __future__ import annotations

from pathlib import Path

import pytest

from firmware_py.app.fetch.check import speech_model_dir, voice_model_path
from firmware_py.config.paths import Paths
from firmware_py.speech.recogniser import VoskRecogniser


@pytest.fixture(scope="session")
def voice_model(paths: Paths) -> Path:
    return voice_model_path(paths)


@pytest.fixture(scope="session")
def english(paths: Paths, voice_model: Path) -> VoskRecogniser:
    return VoskRecogniser(speech_model_dir(paths, "en"), "en", voice_model)


@pytest.fixture(scope="session")
def chinese(paths: Paths, voice_model: Path) -> VoskRecogniser:
    return VoskRecogniser(speech_model_dir(paths, "zh"), "zh", voice_model)
