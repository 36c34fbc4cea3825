"""What of the fetched things is there, and what is not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from firmware_py.app.fetch.catalogue import SPEECH_MODELS, VOICE_MODEL, VOICE_MODEL_FILE
from firmware_py.app.fetch.pinned import PinnedModel
from firmware_py.app.fetch.soundfont import find_soundfont
from firmware_py.app.fetch.unpack import first_wrong_file
from firmware_py.config.paths import Paths
from firmware_py.messages.errors import LullError, MissingError
from firmware_py.messages.heard import Language

MARKER: Final = "verified.json"
"""Written into a model's folder after each of its files had the right hash."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that setup fetches. ``fix`` is the command that mends it, empty when it is ok."""

    name: str
    status: Literal["ok", "missing"]
    detail: str
    fix: str


def check(
    paths: Paths,
    models: Sequence[PinnedModel],
    *,
    soundfont: Path | None = None,
    deep: bool = False,
) -> tuple[Check, ...]:
    """Look at ``models`` and the soundfont (``soundfont``: configured).

    Quick: that every file has its size and was verified when it came. ``deep`` hashes each file
    (about 0.1 s a speech model on a PC).
    """
    found = [_check_model(paths, model, deep=deep) for model in models]
    return (*found, _check_soundfont(soundfont, paths))


def speech_model_dir(paths: Paths, language: Language) -> Path:
    """Return the folder of a language's model. Raises ``MissingError`` when it is not ready."""
    return _ready_dir(paths, SPEECH_MODELS[language])


def voice_model_path(paths: Paths) -> Path:
    """Return the voice-activity model's ONNX file. Raises ``MissingError`` when it is not ready."""
    return _ready_dir(paths, VOICE_MODEL) / VOICE_MODEL_FILE


def verified_source(folder: Path, model: PinnedModel) -> str | None:
    """Return where the verified model in ``folder`` came from; None when it is not verified."""
    try:
        marker = json.loads((folder / MARKER).read_bytes())
        is_same = marker["sha256"] == model.sha256
        source = str(marker["source"])
    except (OSError, ValueError, KeyError, TypeError):  # no marker, or not one that we wrote
        return None
    return source if is_same and first_wrong_file(folder, model, deep=False) is None else None


def marker(model: PinnedModel, source: str) -> bytes:
    """Return the content of the marker file."""
    return (json.dumps({"source": source, "sha256": model.sha256}) + "\n").encode()


def _ready_dir(paths: Paths, model: PinnedModel) -> Path:
    folder = paths.models / model.name
    if verified_source(folder, model) is None:
        found = _check_model(paths, model, deep=False)
        raise MissingError(f"The model {model.name}: {found.detail}.", fix=found.fix)
    return folder


def _check_model(paths: Paths, model: PinnedModel, *, deep: bool) -> Check:
    folder = paths.models / model.name
    fix = model.setup_command
    if not folder.is_dir():
        return Check(model.name, "missing", f"not in {paths.models}", fix)
    wrong = first_wrong_file(folder, model, deep=False)
    if wrong is not None:
        return Check(model.name, "missing", f"{folder / wrong} is absent or cut short", fix)
    if verified_source(folder, model) is None:
        return Check(model.name, "missing", f"{folder} was never checked against its hashes", fix)
    wrong = first_wrong_file(folder, model, deep=True) if deep else None
    if wrong is not None:  # setup trusts what it verified once, so the folder has to go
        detail = f"{folder / wrong} is damaged (its SHA-256 differs)"
        return Check(model.name, "missing", detail, f"rm -r {folder} && {fix}")
    return Check(model.name, "ok", str(folder), "")


def _check_soundfont(configured: Path | None, paths: Paths) -> Check:
    try:
        path = find_soundfont(configured, models=paths.models)
    except MissingError as error:
        return Check("soundfont", "missing", "none is installed", error.fix)
    except LullError as error:
        return Check("soundfont", "missing", str(error), "edit [music] soundfont in lull.toml")
    return Check("soundfont", "ok", str(path), "")
