"""The network as it ships: an int8 table, calibrated answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from firmware_py.mood.features import KNOWN_ROWS
from model_export.mood.net import GatedBag, MoodNet, label_plane

_INT8_MAX: Final = 127


@dataclass(frozen=True, slots=True)
class Calibration:
    """Measured on sentences whose words the measured network had never seen."""

    temperature: float = 1.0
    """Divides the mood scores (Guo et al., ICML 2017)."""
    regressed: float = 0.5
    """Share of the regressed (valence, arousal); the rest is the labels' expectation."""


class Int8Bag(nn.Module):
    """A gated bag with its gates as one more column of the table, shape (count, width + 1).

    With ``is_int8`` the table is rounded to int8 with one scale per column.
    """

    def __init__(self, bag: GatedBag, *, is_int8: bool) -> None:
        super().__init__()
        table = torch.cat([bag.rows, bag.gates.unsqueeze(1)], dim=1).detach()
        scale = table.abs().amax(dim=0) / _INT8_MAX
        self.table: Tensor
        self.scale: Tensor
        rounded = torch.round(table / scale).to(torch.int8) if is_int8 else table
        self.register_buffer("table", rounded)
        self.register_buffer("scale", scale if is_int8 else torch.ones_like(scale))

    def forward(self, ids: Tensor, present: Tensor) -> Tensor:
        """Return (batch, width); ``ids`` and ``present`` (1 or 0) are (batch, n)."""
        rows = self.table[ids].float() * self.scale
        weights = torch.exp(rows[..., -1]) * present
        summed = (rows[..., :-1] * weights.unsqueeze(-1)).sum(dim=1)
        energy = (weights * weights).sum(dim=1, keepdim=True)
        return summed / torch.sqrt(energy + 1.0)


class ShippedNet(nn.Module):
    """ids (batch, n), 0 pads -> mood (batch, 15), va (batch, 2), goal (batch, 5).

    ``mood`` and ``goal`` are probabilities.
    """

    def __init__(self, net: MoodNet, calibration: Calibration, *, is_int8: bool) -> None:
        super().__init__()
        self.known = Int8Bag(net.known, is_int8=is_int8)
        self.grams = Int8Bag(net.grams, is_int8=is_int8)
        self.plane: Tensor
        self.register_buffer("plane", label_plane())
        self.trunk = net.trunk
        self.heads = net.heads
        self.calibration = calibration
        self.eval()

    def forward(self, ids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return mood, va and goal."""
        is_known = (ids != 0) & (ids < KNOWN_ROWS)
        is_gram = ids >= KNOWN_ROWS
        known = self.known(ids * is_known, is_known.float())
        grams = self.grams((ids - KNOWN_ROWS) * is_gram, is_gram.float())
        scores, va, goal = self.heads(self.trunk(torch.cat([known, grams], dim=1)))
        mood = torch.softmax(scores / self.calibration.temperature, dim=-1)
        share = self.calibration.regressed
        blended = share * va + (1.0 - share) * (mood @ self.plane)
        return mood, blended, torch.softmax(goal, dim=-1)
