"""The trained composer on the device: three small int8 graphs, checked before they are used."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.condition import CONDITION
from firmware_py.compose.ringing import Ringing
from firmware_py.compose.vocabulary import DURATIONS, PITCHES, PLACES, SYMBOLS
from firmware_py.config.accelerator import Accelerator
from firmware_py.config.onnx_session import Session, open_session
from firmware_py.config.shipped import repair_command
from firmware_py.messages.errors import MissingError

GRAPHS: Final = {
    "step": (
        "events", "ringing", "condition", "state", "past_keys", "past_values", "own_keys",
        "own_values",
    ),
    "symbol": ("out", "place", "ringing"),
    "duration": ("out", "place", "symbol"),
}  # fmt: skip
"""Each graph's inputs."""
FORMAT: Final = 3
MEMORY: Final = 1024
"""Events before the bar that the model can look back at: twice as many as in training, which is
still to its good (on eight long test works 1.61 nats a note instead of 1.72)."""

Logits = NDArray[np.float32]
Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Past:
    """What the model remembers at a bar line."""

    state: Logits
    """(2, hidden): of its two recurrent layers."""
    keys: Logits
    """(events, width), at most ``MEMORY`` of them, the newest last."""
    values: Logits
    """(events, width)"""
    ringing: Ids
    """(PITCHES,): how many steps after the bar line each pitch still sounds, or 0."""

    def forgetting(self) -> Past:
        """Return it with nothing left to look back at; what the layers hold stays."""
        return replace(self, keys=self.keys[:0], values=self.values[:0])


class Hearing:
    """K candidates for what follows one past, each with its own events since.

    A step gives back only its own key and value; they are kept here, and joined to the past when
    a candidate is chosen.
    """

    def __init__(self, past: Past, candidates: int, most_events: int) -> None:
        width = past.keys.shape[1]
        self.past = past
        self.state = np.ascontiguousarray(np.repeat(past.state[:, None], candidates, axis=1))
        self.heard = np.zeros(candidates, dtype=np.int64)
        """(K,): events that each candidate has heard."""
        self.steps = 0
        self.ringing = Ringing(np.repeat(past.ringing[None], candidates, axis=0))
        self.keys = np.zeros((most_events, candidates, width), dtype=np.float32)
        self.values = np.zeros((most_events, candidates, width), dtype=np.float32)

    def chosen(self, candidate: int, bar_steps: int) -> Past:
        """Return the past as it is after one candidate's events, which fill ``bar_steps``."""
        events = slice(0, int(self.heard[candidate]))
        keys = np.concatenate([self.past.keys, self.keys[events, candidate]])
        values = np.concatenate([self.past.values, self.values[events, candidate]])
        self.ringing.bar_line(candidate, bar_steps)
        ringing = self.ringing.until[candidate]
        return Past(self.state[:, candidate].copy(), keys[-MEMORY:], values[-MEMORY:], ringing)


class Network:
    """The three graphs; the hidden state and the memory are handed in and out."""

    def __init__(self, folder: Path, accelerator: Accelerator = "cpu") -> None:
        """Load the graphs of ``folder``, on one thread where the CPU computes.

        Raises ``MissingError`` when a file is missing, damaged, or made for another version.
        """
        manifest = _manifest(folder)
        self._sessions = {name: _session(folder, name, manifest, accelerator) for name in GRAPHS}
        self.accelerator = self._sessions["step"].accelerator
        """What computes it, which need not be what was asked for."""
        self.sha256: str = manifest["files"]["step.onnx"]["sha256"]
        shapes = {node.name: node.shape for node in self._sessions["step"].get_inputs()}
        self.hidden, self.width = int(shapes["state"][2]), int(shapes["past_keys"][1])
        if shapes["condition"][1] != CONDITION:
            raise _broken(folder, "it takes other controls than this version gives")

    def start(self) -> Past:
        """Return what is remembered before any music."""
        nothing = np.zeros((0, self.width), dtype=np.float32)
        silence = np.zeros(PITCHES, dtype=np.int64)
        return Past(np.zeros((2, self.hidden), dtype=np.float32), nothing, nothing, silence)

    def step(
        self, hearing: Hearing, events: Ids, ringing: Logits, condition: Logits, listening: Mask
    ) -> Logits:
        """Let the candidates that are ``listening`` (K,) hear ``events`` (K, 4).

        ``ringing`` (K, PITCHES): 1 where a pitch sounded already when the event came. Return (K,
        PLACES) logits of the next place; they mean nothing for the others.
        """
        wish = np.broadcast_to(condition, (len(events), CONDITION))
        feed = {
            "events": events,
            "ringing": ringing,
            "condition": np.ascontiguousarray(wish),
            "state": hearing.state,
            "past_keys": hearing.past.keys,
            "past_values": hearing.past.values,
            "own_keys": hearing.keys[: hearing.steps],
            "own_values": hearing.values[: hearing.steps],
        }
        state, logits, key, value = self._sessions["step"].run(None, feed)
        hearing.state = np.where(listening[None, :, None], state, hearing.state)
        hearing.keys[hearing.steps], hearing.values[hearing.steps] = key, value
        hearing.steps += 1
        hearing.heard += listening
        return np.asarray(logits).reshape(-1, PLACES)

    def symbol(self, out: Logits, place: Ids, ringing: Logits) -> Logits:
        """Return (n, SYMBOLS) logits of what comes at ``place`` (n,) over what is ``ringing``.

        ``out`` (n, hidden) is the upper layer's state of the candidates in question, ``ringing``
        (n, PITCHES) 1 where a pitch sounds there already.
        """
        feed = {"out": out, "place": place, "ringing": ringing}
        logits = self._sessions["symbol"].run(None, feed)[0]
        return np.asarray(logits).reshape(-1, SYMBOLS)

    def duration(self, out: Logits, place: Ids, symbol: Ids) -> Logits:
        """Return (n, DURATIONS) logits of how long ``symbol`` (n,) at ``place`` (n,) lasts."""
        feed = {"out": out, "place": place, "symbol": symbol}
        logits = self._sessions["duration"].run(None, feed)[0]
        return np.asarray(logits).reshape(-1, DURATIONS)


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


def _session(
    folder: Path, name: str, manifest: dict[str, Any], accelerator: Accelerator
) -> Session:
    path = folder / f"{name}.onnx"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _broken(folder, f"{path.name} is missing ({error.strerror})") from error
    if hashlib.sha256(data).hexdigest() != manifest["files"][path.name]["sha256"]:
        raise _broken(folder, f"{path.name} is damaged (its SHA-256 is not the manifest's)")
    try:
        session = open_session(data, accelerator)
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
