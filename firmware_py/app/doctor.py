"""What ``lull doctor`` looks at. Each check opens the real thing; none changes anything."""
# ruff: noqa: PLC0415 - a check imports what it looks at, and only then

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from firmware_py.app import wiring
from firmware_py.config.load import load_settings
from firmware_py.config.paths import Paths
from firmware_py.config.settings import Settings
from firmware_py.messages.errors import LullError, UserError
from firmware_py.messages.heard import LANGUAGES
from firmware_py.messages.mood import Mood
from firmware_py.plan.planner import make_plan

if TYPE_CHECKING:
    from device.listing import Device

Status = Literal["ok", "warning", "missing"]
KILLS_PI_4 = "1.21.0"
"""onnxruntime whose aarch64 wheel dies with SIGILL on a Raspberry Pi 4 (issue 23957)."""
ROOM_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; ``fix`` is the command or edit that mends it, empty when ok."""

    name: str
    status: Status
    detail: str
    fix: str = ""


def examine(config: Path | None) -> Iterator[Finding]:
    """Yield what was found, one thing after another."""
    finding, settings = check_settings(config)
    yield finding
    yield check_python()
    yield check_onnxruntime()
    yield from check_fetched(settings)
    yield check_synthesiser(settings)
    yield check_mood_model()
    yield check_composer(settings)
    yield from check_sound_devices(settings)
    yield check_state(Paths.from_environment())


def check_settings(config: Path | None) -> tuple[Finding, Settings]:
    """Read the settings; with a bad file the other checks go on with the defaults."""
    try:
        settings = load_settings(config)
    except UserError as error:
        return Finding("settings", "missing", str(error), "edit that file"), Settings()
    detail = str(settings.source) if settings.source else "defaults, no lull.toml"
    return Finding("settings", "ok", detail), settings


def check_python() -> Finding:
    """Python must be one that every part has been tried with."""
    detail = f"{platform.python_version()} on {platform.machine()}"
    if (3, 11) <= sys.version_info < (3, 14):
        return Finding("python", "ok", detail)
    return Finding("python", "missing", detail, "make PYTHON=/path/to/python3.11 run")


def check_onnxruntime() -> Finding:
    """Its version is looked at before it is loaded: a bad one kills the process."""
    fix = f"{sys.executable} -m pip install 'onnxruntime>=1.22'"
    try:
        found = version("onnxruntime")
    except PackageNotFoundError:
        return Finding("onnxruntime", "missing", "not installed", fix)
    if found == KILLS_PI_4:
        return Finding("onnxruntime", "missing", f"{found} crashes on a Raspberry Pi 4", fix)
    return Finding("onnxruntime", "ok", found)


def check_fetched(settings: Settings) -> Iterator[Finding]:
    """Look for the models: the spoken language needs its own, the other is a courtesy."""
    from firmware_py.app.fetch.catalogue import SPEECH_MODELS, needed_models
    from firmware_py.app.fetch.check import check

    spoken = settings.speech.language
    languages = sorted(LANGUAGES, key=lambda language: language != spoken)
    courtesies = {SPEECH_MODELS[language].name for language in languages[1:]}
    paths = Paths.from_environment()
    models = needed_models(languages)
    for found in check(paths, models, soundfont=settings.music.soundfont, deep=True):
        is_minor = found.status == "missing" and found.name in courtesies
        status: Status = "warning" if is_minor else found.status
        yield Finding(found.name, status, found.detail, found.fix)


def check_synthesiser(settings: Settings) -> Finding:
    """Load FluidSynth and open the soundfont."""
    try:
        wiring.open_renderer(settings, seed=0)
    except ImportError as error:
        fix = "sudo apt-get install --no-install-recommends libfluidsynth3"
        return Finding("fluidsynth", "missing", str(error), fix)
    except LullError as error:
        return _missing("fluidsynth", error)
    return Finding("fluidsynth", "ok", "plays the soundfont")


def check_mood_model() -> Finding:
    """Load the mood model and read a sentence."""
    try:
        mood = wiring.open_mood_reader().read("I feel calm")
    except LullError as error:
        return _missing("mood model", error)
    return Finding("mood model", "ok", f"reads “I feel calm” as {mood.label}")


def check_composer(settings: Settings) -> Finding:
    """Load the trained composer; music plays without it, too, and without its accelerator."""
    start = make_plan(Mood("neutral", 0.0, 0.0), "calm", 1.0).bars[0]
    warnings: list[str] = []
    composer = wiring.open_composer(settings, 0, start, warnings.append)
    if warnings:
        detail, _, fix = warnings[0].partition(" Fix: ")
        return Finding("composer model", "warning", detail, fix)
    return Finding("composer model", "ok", f"{composer.name}, on {settings.device.accelerator}")


def _missing(name: str, error: LullError) -> Finding:
    """Return a finding that says what the error says, its fix apart."""
    detail, _, fix = str(error).partition(" Fix: ")
    return Finding(name, "missing", detail, fix or "see the line above")


def check_sound_devices(settings: Settings) -> Iterator[Finding]:
    """Look for the speaker and the microphone; without a speaker music still goes to files."""
    from device.listing import list_devices

    wanted = {"speaker": settings.device.speaker, "microphone": settings.device.microphone}
    devices = list_devices()
    for kind, name in wanted.items():
        found = [d for d in devices if d.kind == kind and _is_called(d, name)]
        if found:
            yield Finding(kind, "ok", found[0].name)
        else:
            detail = f"no {kind} called {name}" if name != "default" else f"no {kind} here"
            yield Finding(kind, "warning", detail, "plug one in, then: lull devices")


def _is_called(device: Device, name: str) -> bool:
    return device.default if name == "default" else name.casefold() in device.name.casefold()


def check_state(paths: Paths) -> Finding:
    """See whether the state folder, or where it will be made, is writable and not full."""
    fix = f"mkdir -p {paths.state} && chmod u+rwx {paths.state}, or set LULL_STATE"
    folder = next(path for path in (paths.state, *paths.state.parents) if path.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return Finding("state folder", "missing", f"{folder} cannot be written", fix)
    free = shutil.disk_usage(folder).free
    detail = f"{paths.state}, {free / 1e9:.1f} GB free"
    if free < ROOM_BYTES:
        return Finding("state folder", "warning", detail, "make room on that disk")
    return Finding("state folder", "ok", detail)
