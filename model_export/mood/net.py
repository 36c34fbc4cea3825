"""The mood network: a gated bag of hashed features and a small perceptron.

    rows of the table (D numbers + 1 gate each) -> gated sum -> trunk -> heads

The gate lets the model give "the" less of a say than "terrified". The pooled sum goes to the heads
both straight (a linear model on n-grams, strong with little data) and through the perceptron.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from firmware_py.messages.mood import MOOD_LABELS, label_position
from firmware_py.mood.features import BUCKETS
from model_export.mood.rows import GOAL_CLASSES

AUXILIARY: Final[dict[str, int]] = {"empathetic": 32, "goemotions": 28, "brighter": 6}
"""Heads for the data sets' own labels: they teach the table; the device does not carry them."""


@dataclass(frozen=True, slots=True)
class NetSize:
    """Widths of the network."""

    buckets: int = BUCKETS
    width: int = 32
    """Numbers per table row."""
    hidden: int = 128


@dataclass(frozen=True, slots=True)
class Readings:
    """Scores (before softmax or sigmoid) of a batch; ``va`` in [-1, 1]."""

    mood: Tensor
    va: Tensor
    goal: Tensor
    pooled: Tensor


class Trunk(nn.Module):
    """Pooled features (batch, width) to features for the heads (batch, width + hidden)."""

    def __init__(self, size: NetSize, dropout: float) -> None:
        super().__init__()
        self.into = nn.Linear(size.width, size.hidden)
        self.dropout = nn.Dropout(dropout)
        self.out_width = size.width + size.hidden

    def forward(self, pooled: Tensor) -> Tensor:
        """Return pooled features beside what the perceptron makes of them."""
        hidden = torch.relu(self.into(pooled))
        return self.dropout(torch.cat([pooled, hidden], dim=-1))


class MoodHeads(nn.Module):
    """The three heads that the device uses."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mood = nn.Linear(width, len(MOOD_LABELS))
        self.va = nn.Linear(width, 2)
        self.goal = nn.Linear(width, len(GOAL_CLASSES))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return mood scores (batch, 15), valence and arousal (batch, 2), goal scores (batch, 5)."""
        return self.mood(features), torch.tanh(self.va(features)), self.goal(features)


class MoodNet(nn.Module):
    """The network as it is trained."""

    def __init__(self, size: NetSize, dropout: float = 0.2) -> None:
        super().__init__()
        self.size = size
        self.table = nn.Parameter(torch.randn(size.buckets, size.width) * 0.05)
        self.gates = nn.Parameter(torch.zeros(size.buckets))
        self.trunk = Trunk(size, dropout)
        self.heads = MoodHeads(self.trunk.out_width)
        self.auxiliary = nn.ModuleDict(
            {name: nn.Linear(self.trunk.out_width, count) for name, count in AUXILIARY.items()}
        )

    def pool(self, ids: Tensor, offsets: Tensor, kept: Tensor | None = None) -> Tensor:
        """Return the gated sum of each bag: ``ids`` flat, ``offsets`` where each bag starts.

        ``kept`` (like ``ids``) scales features: 0 drops one.
        """
        weights = torch.exp(self.gates[ids])
        if kept is not None:
            weights = weights * kept
        summed = nn.functional.embedding_bag(
            ids, self.table, offsets, mode="sum", per_sample_weights=weights
        )
        bags = torch.zeros(len(ids), dtype=torch.long)
        bags[offsets[1:]] = 1
        energy = torch.zeros(len(offsets)).index_add(0, bags.cumsum(0), weights * weights)
        return summed / torch.sqrt(energy + 1.0).unsqueeze(1)

    def forward(self, ids: Tensor, offsets: Tensor, kept: Tensor | None = None) -> Readings:
        """Return the readings of a batch of bags."""
        features = self.trunk(self.pool(ids, offsets, kept))
        mood, va, goal = self.heads(features)
        return Readings(mood, va, goal, features)


def label_plane() -> Tensor:
    """Return the labels' (valence, arousal), shape (15, 2)."""
    return torch.tensor([label_position(label) for label in MOOD_LABELS])
