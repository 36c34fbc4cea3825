"""How much is given on what earlier music tells: weights by how alike it was, and by the moment."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from model_export.jsb.changes_reading import TOLD
from model_export.jsb.chorales import VOICES
from model_export.jsb.echoes import OWN, SOURCES

VOICE_STEPS = (1, 2, 3, 4, 6, 9)
TOTAL_STEPS = (4, 8, 12, 16, 24, 36)
"""Where the number of common changes, a voice's and all voices', begins to count as more."""
ALIKE = (len(VOICE_STEPS) + 1) * (len(TOTAL_STEPS) + 1)


FEW = -2.5
"""The logarithm of a source's weight at first, when that of none is 0."""
SCALE = 8.0
"""Of the table: Adam moves its rare rows no faster than others, and trust must reach 4 or 5."""


class Told(NamedTuple):
    """(B, T, SOURCES, 4) each."""

    ahead: Tensor
    leap: Tensor
    alike: Tensor
    """0 to ALIKE - 1: the changes in common."""
    total: Tensor
    """(B, T, SOURCES), 0 to len(TOTAL_STEPS): those of all voices."""


def told(rows: Tensor) -> Told:
    """Return what the sources tell in (B, T, columns) rows."""
    ahead, leap, common = rows[..., TOLD].view(*rows.shape[:2], SOURCES, 3, VOICES).unbind(-2)
    common = common.contiguous()
    voice = torch.bucketize(common, torch.tensor(VOICE_STEPS), right=True)
    total = torch.bucketize(common.sum(-1), torch.tensor(TOTAL_STEPS), right=True)
    return Told(ahead, leap, voice * (len(TOTAL_STEPS) + 1) + total[..., None], total)


class Trust(nn.Module):
    """The log of the weight of each source, voice and kind of use.

    It is read from a table, and moved by what the head knows of the moment.
    """

    def __init__(self, size: int, kinds: int) -> None:
        super().__init__()
        self.kinds = kinds
        self.table = nn.Embedding(2 * VOICES * ALIKE, kinds)
        self.moment = nn.Linear(size, 2 * VOICES * kinds)
        for parameter in (self.table.weight, self.moment.weight, self.moment.bias):
            nn.init.zeros_(parameter)
        whose = (torch.arange(SOURCES) >= OWN).long()  # the chorale's own, or the library's
        self.register_buffer("whose", whose, persistent=False)
        self.whose: Tensor

    def forward(self, hidden: Tensor, alike: Tensor) -> Tensor:
        """Return (B, T, SOURCES, 4, kinds)."""
        rows = (self.whose[:, None] * VOICES + torch.arange(VOICES)) * ALIKE
        moment = self.moment(hidden).float().unflatten(-1, (2, VOICES, self.kinds))
        weights: Tensor = FEW + SCALE * self.table(rows + alike) + moment[..., self.whose, :, :]
        return weights
