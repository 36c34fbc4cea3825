"""Export: torch -> ONNX fp32 -> int8, checked against each other, with a manifest."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from firmware_py.compose.condition import CONDITION
from firmware_py.compose.network import FORMAT
from firmware_py.compose.vocabulary import DURATIONS, PLACES, SYMBOLS
from model_export.composer.network import ComposerNetwork
from model_export.composer.steps import DurationHead, Step, SymbolHead
from model_export.shipping import write_whole

OPSET: Final = 20
GRAPHS: Final = ("step", "symbol", "duration")


def graphs_of(network: ComposerNetwork) -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
    """Return each graph's module with example inputs for two candidates."""
    trunk = network.trunk
    hidden, width = trunk.upper.hidden_size, trunk.key.out_features
    rows, out = torch.zeros(2, dtype=torch.int64), torch.zeros(2, hidden)
    step = (
        torch.zeros(2, 4, dtype=torch.int64),
        torch.zeros(2, CONDITION),
        torch.zeros(2, 2, hidden),
        *(torch.zeros(5, width) for _ in range(2)),
        *(torch.zeros(3, 2, width) for _ in range(2)),
    )
    return {
        "step": (Step(network), step),
        "symbol": (SymbolHead(network), (out, rows)),
        "duration": (DurationHead(network), (out, rows, rows.clone())),  # an alias would be merged
    }


def export(network: ComposerNetwork, folder: Path, *, quantised: bool) -> dict[str, Path]:
    """Write the three graphs as ``<name>.onnx``, in int8 when ``quantised``."""
    network = network.eval()
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for name, (module, example) in graphs_of(network).items():
        with tempfile.TemporaryDirectory() as scratch:
            plain = Path(scratch) / f"{name}.onnx"
            _to_onnx(module.eval(), example, plain)
            ready = plain
            if quantised:
                ready = Path(scratch) / f"{name}.int8.onnx"
                quantize_dynamic(
                    plain,
                    ready,
                    per_channel=True,
                    weight_type=QuantType.QInt8,
                    op_types_to_quantize=["MatMul"],
                )
            written[name] = folder / f"{name}.onnx"
            write_whole(written[name], _without_traces(ready))
    return written


def _to_onnx(module: nn.Module, example: tuple[Tensor, ...], path: Path) -> None:
    candidates = torch.export.Dim("candidates", min=1, max=64)
    past, own = torch.export.Dim("past", max=4096), torch.export.Dim("own", max=512)
    axes = {
        "past_keys": {0: past},
        "past_values": {0: past},
        "own_keys": {0: own, 1: candidates},
        "own_values": {0: own, 1: candidates},
        "state": {1: candidates},
    }
    inputs: tuple[str, ...] = getattr(module, "inputs")  # noqa: B009  # declared per module
    torch.onnx.export(
        module,
        example,
        path,
        dynamo=True,
        opset_version=OPSET,
        input_names=list(inputs),
        output_names=list(getattr(module, "outputs")),  # noqa: B009
        dynamic_shapes=tuple(axes.get(name, {0: candidates}) for name in inputs),
        external_data=False,
        verbose=False,
    )


def _without_traces(path: Path) -> bytes:
    """Return the graph without the exporter's notes: they hold paths of this machine.

    So the same weights give the same bytes wherever they are exported.
    """
    model = onnx.load(path)
    for holder in (model, model.graph, *model.graph.node, *model.graph.value_info):
        del holder.metadata_props[:]
        holder.ClearField("doc_string")
    for held in (*model.graph.input, *model.graph.output, *model.graph.initializer):
        del held.metadata_props[:]
        held.ClearField("doc_string")
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def parity(network: ComposerNetwork, folder: Path, rounds: int = 64) -> dict[str, float]:
    """Return, for each graph, the largest difference of a probability between torch and ONNX.

    Both are fed the same random events, step after step, each carrying its own state.
    """
    random = np.random.default_rng(0)
    sessions = {
        name: onnxruntime.InferenceSession(
            folder / f"{name}.onnx", providers=["CPUExecutionProvider"]
        )
        for name in GRAPHS
    }
    modules = {name: module for name, (module, _) in graphs_of(network.eval()).items()}
    hidden, width = network.trunk.upper.hidden_size, network.trunk.key.out_features
    state = np.zeros((2, 1, hidden), dtype=np.float32)
    past = np.zeros((2, 0, width), dtype=np.float32)  # keys and values
    own = np.zeros((2, 0, 1, width), dtype=np.float32)
    fed = [torch.from_numpy(x) for x in (state, past, own)]
    worst = dict.fromkeys(GRAPHS, 0.0)
    for turn in range(rounds):
        if turn % 8 == 0:  # a bar line
            past, own = np.concatenate([past, own[:, :, 0]], axis=1), own[:, :0]
            fed[1:] = [torch.cat([fed[1], fed[2][:, :, 0]], dim=1), fed[2][:, :0]]
        event = random.integers(0, [PLACES, SYMBOLS, DURATIONS, SYMBOLS], (1, 4))
        wish = random.normal(size=(1, CONDITION)).astype(np.float32)
        inputs = (event, wish, state, *past, *own)
        state, place, *new = sessions["step"].run(None, dict(zip(Step.inputs, inputs, strict=True)))
        own = np.concatenate([own, np.stack(new)[:, None]], axis=1)
        with torch.no_grad():
            fed[0], place_t, *new_t = modules["step"](
                torch.from_numpy(event), torch.from_numpy(wish), fed[0], *fed[1], *fed[2]
            )
        fed[2] = torch.cat([fed[2], torch.stack(new_t)[:, None]], dim=1)
        out, out_t = state[1], fed[0][1]
        place_in, symbol_in = event[:, 0], event[:, 1]
        symbol = sessions["symbol"].run(None, {"out": out, "place": place_in})[0]
        symbol_t = modules["symbol"](out_t, torch.from_numpy(place_in))
        duration = sessions["duration"].run(
            None, {"out": out, "place": place_in, "symbol": symbol_in}
        )[0]
        duration_t = modules["duration"](
            out_t, torch.from_numpy(place_in), torch.from_numpy(symbol_in)
        )
        for name, got, expected in (
            ("step", place, place_t),
            ("symbol", symbol, symbol_t),
            ("duration", duration, duration_t),
        ):
            apart = (torch.from_numpy(got).softmax(-1) - expected.detach().softmax(-1)).abs().max()
            worst[name] = max(worst[name], float(apart))
    return worst


def write_manifest(folder: Path, facts: Mapping[str, Any]) -> None:
    """Write ``manifest.json``: the facts, and size and SHA-256 of each graph."""
    files = {}
    for name in GRAPHS:
        data = (folder / f"{name}.onnx").read_bytes()
        files[f"{name}.onnx"] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    manifest = {"format": FORMAT, "opset": OPSET, **facts, "files": files}
    write_whole(
        folder / "manifest.json", (json.dumps(manifest, indent=2, sort_keys=True) + "\n").encode()
    )
