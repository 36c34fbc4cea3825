"""The shipped composer's weights back as torch's: a training can go on from what was released.

They come from the int8 graphs, each weight as near as its rounding (0.1% of the nats).
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

from firmware_py.compose.vocabulary import PITCHES
from firmware_py.messages.errors import MissingError, UserError
from model_export.composer.network import ComposerNetwork

_TABLES: Final = ("place", "symbol", "duration", "chord")
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
    weights = _by_torch_name(graphs)
    for name, wanted in network.state_dict().items():
        if weights[name].shape != wanted.shape:
            raise UserError(
                f"the shipped composer is of other sizes than Hyperparameters: {name} is "
                f"{tuple(weights[name].shape)}, not {tuple(wanted.shape)}."
            )
    network.load_state_dict(weights)
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
    found["trunk.nowhere"] = torch.cat([step["nowhere_key"], step["nowhere_value"]])
    for name, (graph, part) in _HEADS.items():
        found |= _linear(name, graphs[graph], part)
    for name, (graph, part) in _HEAD_TABLES.items():
        found[f"{name}.weight"] = graphs[graph][f"{part}.weight"]
    of_out = found["symbol_in.weight"]  # and of what rings: one product in the graph
    found["symbol_in.weight"] = of_out[:, :-PITCHES]
    found["symbol_ringing.weight"] = of_out[:, -PITCHES:]
    return found


def _linear(name: str, graph: Weights, part: str) -> Weights:
    return {f"{name}.weight": graph[f"{part}.weight"].t(), f"{name}.bias": graph[f"{part}.bias"]}
