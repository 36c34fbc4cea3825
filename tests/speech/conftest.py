"""Recognisers with the real models."""

from __future__ import annotations

import pytest

from firmware_py.app.fetch.check import speech_model_dir
from firmware_py.config.paths import Paths
from firmware_py.speech.recogniser import VoskRecogniser


@pytest.fixture(scope="session")
def english(paths: Paths) -> VoskRecogniser:
    return VoskRecogniser(speech_model_dir(paths, "en"), "en")


@pytest.fixture(scope="session")
def chinese(paths: Paths) -> VoskRecogniser:
    return VoskRecogniser(speech_model_dir(paths, "zh"), "zh")
