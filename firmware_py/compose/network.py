"""The trained composer on the device: three small int8 graphs, checked before they are used."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.condition import CONDITION
from firmware_py.compose.vocabulary import DURATIONS, PLACES, SYMBOLS
from firmware_py.config.onnx_session import open_session
from firmware_py.config.shipped import repair_command
from firmware_py.messages.errors import MissingError

GRAPHS: Final = {
    "step": ("events", "condition", "state"),
    "symbol": ("out", "place"),
    "duration": ("out", "place", "symbol"),
}
"""Each graph's inputs."""
FORMAT: Final = 1

Logits = NDArray[np.float32]
Ids = NDArray[np.int64]


class Network:
    """K candidates side by side. ``state`` is (2, K, hidden) float32."""

    def __init__(self, folder: Path) -> None:
        """Load the graphs of ``folder`` on one thread.

        Raises ``MissingError`` when a file is missing, damaged, or made for another version.
        """
        manifest = _manifest(folder)
        self._sessions = {name: _session(folder, name, manifest) for name in GRAPHS}
        self.sha256: str = manifest["files"]["step.onnx"]["sha256"]
        shapes = {node.name: node.shape for node in self._sessions["step"].get_inputs()}
        self.hidden = int(shapes["state"][2])
        if shapes["condition"][1] != CONDITION:
            raise _broken(folder, "it takes other controls than this version gives")

    def start(self, candidates: int) -> Logits:
        """Return the state before any music."""
        return np.zeros((2, candidates, self.hidden), dtype=np.float32)

    def step(self, events: Ids, condition: Logits, state: Logits) -> tuple[Logits, Logits]:
        """Hear ``events`` (K, 4); return the new state and (K, PLACES) logits of the next place."""
        wish = np.broadcast_to(condition, (len(events), CONDITION))
        feed = {"events": events, "condition": np.ascontiguousarray(wish), "state": state}
        new_state, logits = self._sessions["step"].run(None, feed)
        return new_state, logits.reshape(-1, PLACES)

    def symbol(self, state: Logits, place: Ids) -> Logits:
        """Return (K, SYMBOLS) logits of what comes at ``place`` (K,)."""
        logits = self._sessions["symbol"].run(None, {"out": state[1], "place": place})[0]
        return np.asarray(logits).reshape(-1, SYMBOLS)

    def duration(self, state: Logits, place: Ids, symbol: Ids) -> Logits:
        """Return (K, DURATIONS) logits of how long ``symbol`` (K,) at ``place`` (K,) lasts."""
        feed = {"out": state[1], "place": place, "symbol": symbol}
        return np.asarray(self._sessions["duration"].run(None, feed)[0]).reshape(-1, DURATIONS)


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))
        digests = [manifest["files"][f"{name}.onnx"]["sha256"] for name in GRAPHS]
        version = manifest["format"]
    except OSError as error:
        raise _broken(folder, f"no manifest ({error.strerror})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise _broken(folder, "its manifest is damaged") from error
    if version != FORMAT or not all(isinstance(digest, str) for digest in digests):
        raise _broken(folder, "it is of another version")
    return manifest


def _session(folder: Path, name: str, manifest: dict[str, Any]) -> Any:
    path = folder / f"{name}.onnx"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _broken(folder, f"{path.name} is missing ({error.strerror})") from error
    if hashlib.sha256(data).hexdigest() != manifest["files"][path.name]["sha256"]:
        raise _broken(folder, f"{path.name} is damaged (its SHA-256 is not the manifest's)")
    try:
        session = open_session(data)
    except ValueError as error:
        raise _broken(folder, f"{path.name} cannot be run by this onnxruntime") from error
    if {node.name for node in session.get_inputs()} != set(GRAPHS[name]):
        raise _broken(folder, f"{path.name} is not a graph of the composer")
    return session


def _broken(folder: Path, reason: str) -> MissingError:
    return MissingError(
        f"The composer in {folder} cannot be used: {reason}.",
        fix=repair_command(folder, made_by="python -m model_export export"),
    )
