"""The shipped composer's weights back as torch's: a training can go on from what was released.

They come from the int8 graphs, each weight as near as its rounding. What the network of today has
beyond the shipped one (an input, a control) begins at zero, so that nothing is lost at first.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

from firmware_py.compose.condition import CONDITION
from firmware_py.compose.controls import CONTROLS
from firmware_py.messages.errors import MissingError, UserError
from model_export.composer.network import ComposerNetwork

_HEADS: Final = {
    "symbol_in": ("symbol", "of_out"), "symbol_out": ("symbol", "last"),
    "duration_in": ("duration", "of_out"), "duration_out": ("duration", "last"),
}  # fmt: skip
_HEAD_TABLES: Final = {
    "symbol_place": ("symbol", "of_place"),
    "duration_place": ("duration", "of_place"),
    "duration_symbol": ("duration", "of_symbol"),
}

Weights = dict[str, Tensor]
Origin = dict[str, float | str]
"""What a training began with: the step graph's ``sha256``, and the ``minutes`` behind it."""


def continue_from(network: ComposerNetwork, folder: Path) -> Origin:
    """Give ``network`` the weights of the graphs in ``folder``; return what they were.

    Raises ``MissingError`` where there are none, and ``UserError`` where they do not fit.
    """
    graphs = {name: _tables(folder / f"{name}.onnx") for name in ("step", "symbol", "duration")}
    known = _by_torch_name(graphs)
    wanted = network.state_dict()
    seen = sum(getattr(network, name).embedding_dim for name in _TABLES)
    for name, tensor in wanted.items():
        if name in known:
            wanted[name] = _fitted(name, known[name], tensor, seen)
        else:
            wanted[name] = torch.zeros_like(tensor)
    network.load_state_dict(wanted)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    return {
        "sha256": manifest["files"]["step.onnx"]["sha256"],
        "minutes": manifest["training_minutes"] + manifest.get("origin", {}).get("minutes", 0.0),
    }


def _tables(path: Path) -> Weights:
    """Return a graph's weights by name, those in int8 as the numbers that they stand for."""
    if not path.is_file():
        raise MissingError(f"no composer at {path}.", fix="python -m model_export export")
    stored: dict[str, NDArray[np.float32]] = {
        one.name: numpy_helper.to_array(one).astype(np.float32)
        for one in onnx.load(path).graph.initializer
    }
    tables = dict(stored)
    for name in [n for n in stored if n.endswith("_quantized")]:
        plain = name.removesuffix("_quantized")
        zero, scale = stored[f"{plain}_zero_point"], stored[f"{plain}_scale"]
        tables[plain] = (stored[name] - zero) * scale
    return {name: torch.from_numpy(np.ascontiguousarray(x)) for name, x in tables.items()}


def _by_torch_name(graphs: dict[str, Weights]) -> Weights:
    step = graphs["step"]
    found = {f"{name}.weight": step[f"{name}.weight"] for name in _TABLES}
    for name in ("condition", "place_out"):
        found |= _linear(name, step, name)
    for name in ("query", "key", "value", "found"):
        found |= _linear(f"trunk.{name}", step, name)
    for layer in ("lower", "upper"):
        for short, part in (("ih", "of_input"), ("hh", "of_state")):
            found[f"trunk.{layer}.weight_{short}_l0"] = step[f"{layer}.{part}.weight"].t()
            found[f"trunk.{layer}.bias_{short}_l0"] = step[f"{layer}.{part}.bias"]
    found["trunk.nowhere"] = torch.cat([step["slice_1"], step["slice_2"]])
    for name, (graph, part) in _HEADS.items():
        found |= _linear(name, graphs[graph], part)
    for name, (graph, part) in _HEAD_TABLES.items():
        found[f"{name}.weight"] = graphs[graph][f"{part}.weight"]
    return found


_TABLES: Final = ("place", "symbol", "duration", "chord")


def _linear(name: str, graph: Weights, part: str) -> Weights:
    return {f"{name}.weight": graph[f"{part}.weight"].t(), f"{name}.bias": graph[f"{part}.bias"]}


def _fitted(name: str, old: Tensor, new: Tensor, seen: int) -> Tensor:
    """Return ``old`` in the shape of ``new``, the columns that are new at zero.

    ``seen``: columns of an event's embeddings.
    """
    if old.shape == new.shape:
        return old
    if old.ndim != 2 or old.shape[0] != new.shape[0] or old.shape[1] > new.shape[1]:
        raise UserError(
            f"the shipped composer is of other sizes than Hyperparameters: {name} is "
            f"{tuple(old.shape)}, not {tuple(new.shape)}."
        )
    wide = torch.zeros_like(new)
    wide[:, _columns(name, old.shape[1], new.shape[1], seen)] = old
    return wide


def _columns(name: str, old: int, new: int, seen: int) -> list[int]:
    """Return where the shipped weight's columns stand in the new one."""
    grown = new - old
    if name == "condition.weight":  # new controls stand after the old ones, so do their flags
        controls = CONTROLS - grown // 2
        return [
            *range(controls),
            *range(CONTROLS, CONTROLS + controls),
            *range(2 * CONTROLS, CONDITION),
        ]
    # What sounds already stands after the embeddings.
    return [*range(seen), *range(seen + grown, new)]
