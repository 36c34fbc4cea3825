"""The shipped network: its file is checked by SHA-256 before it is used."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.config.onnx_session import Session, open_session
from firmware_py.config.shipped import repair_command
from firmware_py.messages.errors import MissingError
from firmware_py.messages.mood import MOOD_LABELS
from firmware_py.messages.plan import GOALS
from firmware_py.mood.features import BUCKETS, FEATURES_VERSION, Unit, feature_rows

MANIFEST: Final = "manifest.json"
GOAL_CLASSES: Final[tuple[str, ...]] = ("none", *GOALS)
_MOST_ROWS = 60_000
"""Table rows gathered in one run (padding counted): about 15 MB of work memory."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scores:
    """What the network says of n texts."""

    mood: Floats
    """(n, 15), calibrated probabilities in the order of ``MOOD_LABELS``."""
    va: Floats
    """(n, 2), valence and arousal in [-1, 1]."""
    goal: Floats
    """(n, 5), probabilities of no goal and of each of ``GOALS``."""


class MoodModel:
    """A loaded network. One thread inside; calls from several threads are safe."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def scores(self, texts: Sequence[Sequence[Unit]]) -> Scores:
        """Return the readings of texts given as units."""
        parts = [self._session.run(None, {"ids": ids}) for ids in _padded(texts)]
        mood, va, goal = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Scores(mood, np.clip(va, -1.0, 1.0), goal)


def load_mood_model(folder: Path) -> MoodModel:
    """Load the network that ``folder``'s manifest describes.

    Raises ``MissingError`` when a file is missing or damaged, or belongs to another version.
    """
    manifest = _read_manifest(folder)
    data = _read_checked(folder, manifest)
    try:
        session = open_session(data)
    except ValueError as error:
        raise _broken(folder, "this onnxruntime cannot run it") from error
    names = [tensor.name for tensor in (*session.get_inputs(), *session.get_outputs())]
    if names != ["ids", "mood", "va", "goal"]:
        raise _broken(folder, f"it is another network (inputs and outputs {names})")
    return MoodModel(session)


def _read_manifest(folder: Path) -> Mapping[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise _broken(folder, f"{MANIFEST} is not there") from error
    except (OSError, ValueError) as error:
        raise _broken(folder, f"{MANIFEST} cannot be read") from error
    expected = {
        "features_version": FEATURES_VERSION,
        "buckets": BUCKETS,
        "labels": list(MOOD_LABELS),
        "goals": list(GOAL_CLASSES),
    }
    if not isinstance(manifest, dict):
        raise _broken(folder, f"{MANIFEST} is no JSON object")
    for key, value in expected.items():
        if manifest.get(key) != value:
            raise _broken(folder, f"its {key} belong to another version of Lull")
    return manifest


def _read_checked(folder: Path, manifest: Mapping[str, Any]) -> bytes:
    file = manifest.get("file")
    if not isinstance(file, dict) or not {"name", "sha256"} <= file.keys():
        raise _broken(folder, f"{MANIFEST} names no model file")
    try:
        data = (folder / Path(str(file["name"])).name).read_bytes()
    except OSError as error:
        raise _broken(folder, f"{file['name']} cannot be read") from error
    if sha256(data).hexdigest() != file["sha256"]:
        raise _broken(folder, f"{file['name']} is damaged (SHA-256 differs)")
    return data


def _broken(folder: Path, reason: str) -> MissingError:
    return MissingError(
        f"The mood model in {folder} cannot be used: {reason}.",
        fix=repair_command(folder, made_by="python -m model_export mood"),
    )


def _padded(texts: Sequence[Sequence[Unit]]) -> Iterator[NDArray[np.int64]]:
    """Yield the texts' features as arrays (n, longest), padded with 0, none of them too big."""
    bags = [feature_rows(units) for units in texts]
    start = 0
    while start < len(bags):
        end, longest = start, 0
        while end < len(bags):
            longer = max(longest, len(bags[end]))
            if end > start and longer * (end - start + 1) > _MOST_ROWS:
                break
            longest, end = longer, end + 1
        ids = np.zeros((end - start, longest), dtype=np.int64)
        for at, bag in enumerate(bags[start:end]):
            ids[at, : len(bag)] = bag
        yield ids
        start = end
