"""The network as it ships: an int8 table, calibrated answers, one ONNX file."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import onnx
import torch
from torch import Tensor, nn

from model_export.mood.net import MoodNet, label_plane

OPSET: Final = 18
_INT8_MAX: Final = 127


@dataclass(frozen=True, slots=True)
class Calibration:
    """Measured on sentences whose words the measured network had never seen."""

    temperature: float = 1.0
    """Divides the mood scores (Guo et al., ICML 2017)."""
    regressed: float = 0.5
    """Share of the regressed (valence, arousal); the rest is the labels' expectation."""


class ShippedNet(nn.Module):
    """ids (batch, n), 0 pads -> mood (batch, 15), va (batch, 2), goal (batch, 5).

    ``mood`` and ``goal`` are probabilities. Table and gates are one array (buckets, width + 1);
    with ``is_int8`` it is rounded to int8 with one scale per column.
    """

    def __init__(self, net: MoodNet, calibration: Calibration, *, is_int8: bool) -> None:
        super().__init__()
        table = torch.cat([net.table, net.gates.unsqueeze(1)], dim=1).detach()
        scale = table.abs().amax(dim=0) / _INT8_MAX
        if is_int8:
            table = torch.round(table / scale).to(torch.int8)
        self.table: Tensor
        self.scale: Tensor
        self.plane: Tensor
        self.register_buffer("table", table)
        self.register_buffer("scale", scale if is_int8 else torch.ones_like(scale))
        self.register_buffer("plane", label_plane())
        self.trunk = net.trunk
        self.heads = net.heads
        self.calibration = calibration
        self.eval()

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return mood, va and goal."""
        rows = self.table[ids].float() * self.scale
        weights = torch.exp(rows[..., -1]) * (ids != 0).float()
        summed = (rows[..., :-1] * weights.unsqueeze(-1)).sum(dim=1)
        energy = (weights * weights).sum(dim=1, keepdim=True)
        scores, va, goal = self.heads(self.trunk(summed / torch.sqrt(energy + 1.0)))
        mood = torch.softmax(scores / self.calibration.temperature, dim=-1)
        share = self.calibration.regressed
        blended = share * va + (1.0 - share) * (mood @ self.plane)
        return mood, blended, torch.softmax(goal, dim=-1)


def write_onnx(net: ShippedNet, path: Path) -> None:
    """Write ``net`` as ONNX with free batch and length, in one file."""
    example = torch.randint(1, 1000, (2, 7))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            net,
            (example,),
            input_names=["ids"],
            output_names=["mood", "va", "goal"],
            dynamic_shapes={"ids": {0: torch.export.Dim("batch"), 1: torch.export.Dim("length")}},
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    del model.metadata_props[:]
    for node in model.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString(deterministic=True))
