"""What tests of several folders share: the real speech models and a test voice."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from firmware_py.app.fetch.catalogue import needed_models
from firmware_py.app.fetch.install import setup
from firmware_py.app.fetch.progress import silent
from firmware_py.config.paths import Paths
from firmware_py.messages.heard import LANGUAGES

REPOSITORY = Path(__file__).resolve().parent.parent
SHARED = REPOSITORY.parent / "shared"
"""Material that is not part of the repository; tests that use it skip where it is absent."""

# Commands that tests start find the models by the same variable.
os.environ.setdefault("LULL_MODELS", str(REPOSITORY / ".cache" / "models"))

# No property is timed: the machine may be busy.
settings.register_profile("lull", deadline=None)
settings.load_profile("lull")

Say = Callable[..., Path]
"""``say(text, voice="slt")`` returns a WAV file, 16 kHz mono, made by flite."""


@pytest.fixture(scope="session")
def paths() -> Paths:
    """Return the paths of this run; the speech models are there, fetched once if need be."""
    here = Paths.from_environment()
    setup(here, needed_models(LANGUAGES), from_dir=None, progress=silent)
    return here


@pytest.fixture(scope="session")
def say(tmp_path_factory: pytest.TempPathFactory) -> Say:
    """Return a voice."""
    folder = tmp_path_factory.mktemp("voice")
    made: dict[tuple[str, str], Path] = {}

    def speak(text: str, voice: str = "slt") -> Path:
        key = (text, voice)
        if key not in made:
            made[key] = folder / f"{len(made)}.wav"
            command = ["flite", "-voice", voice, "-t", text, "-o", str(made[key])]
            subprocess.run(command, check=True)
        return made[key]

    return speak
