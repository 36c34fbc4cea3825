"""Export: torch -> ONNX fp32 -> int8, checked against each other, with a manifest."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from firmware_py.compose.condition import CONDITION
from firmware_py.compose.network import FORMAT
from firmware_py.compose.vocabulary import PITCHES
from model_export.composer.network import ComposerNetwork
from model_export.composer.steps import DurationHead, Step, SymbolHead
from model_export.shipping import write_whole

OPSET: Final = 20
GRAPHS: Final = ("step", "symbol", "duration")
_WEIGHTS: Final = QuantType.QUInt8
"""Unsigned: with signed weights, onnxruntime's products saturate on x86 without VNNI instructions,
and the same graphs cost 3.0% more nats there than in fp32, instead of 0.1%; they are 6% slower
there (1.88 against 1.77 ms a step of sixteen candidates)."""


def graphs_of(network: ComposerNetwork) -> dict[str, tuple[nn.Module, tuple[Tensor, ...]]]:
    """Return each graph's module with example inputs for two candidates."""
    trunk = network.trunk
    hidden, width = trunk.upper.hidden_size, trunk.key.out_features
    rows, out = torch.zeros(2, dtype=torch.int64), torch.zeros(2, hidden)
    step = (
        torch.zeros(2, 4, dtype=torch.int64),
        torch.zeros(2, PITCHES),
        torch.zeros(2, CONDITION),
        torch.zeros(2, 2, hidden),
        *(torch.zeros(5, width) for _ in range(2)),
        *(torch.zeros(3, 2, width) for _ in range(2)),
    )
    return {
        "step": (Step(network), step),
        "symbol": (SymbolHead(network), (out, rows, torch.zeros(2, PITCHES))),
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
                    weight_type=_WEIGHTS,
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
