"""The mood network: two gated bags of hashed features and a small perceptron.

    words, Chinese characters  -> gated sum \
                                             > joined, with a perceptron of it beside -> heads
    pairs, triples, letters    -> gated sum /

The gates let the model give "the" less of a say than "terrified". The words' rows start from known
vectors, so that a word that training never showed still means something. The sums go to the heads
both straight (a linear model on n-grams, strong with little data) and through the perceptron.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from firmware_py.messages.mood import MOOD_LABELS, label_position
from firmware_py.mood.features import GRAM_ROWS, KNOWN_ROWS
from model_export.mood.dataset import OWN_LABELS, Bags
from model_export.mood.rows import GOAL_CLASSES

_GRAM_GATE: Final = -0.7
"""Start of the grams' gates (natural logarithm): there are many more of them than words."""


@dataclass(frozen=True, slots=True)
class NetSize:
    """Widths of the network."""

    known: int = 40
    """Numbers per row of a word or of Chinese characters."""
    grams: int = 32
    hidden: int = 128


@dataclass(frozen=True, slots=True)
class Readings:
    """Scores (before softmax or sigmoid) of a batch; ``va`` in [-1, 1]."""

    mood: Tensor
    va: Tensor
    goal: Tensor
    features: Tensor
    """What the heads saw."""


class GatedBag(nn.Module):
    """Rows (count, width) with a gate each; a bag is their gated sum over its energy."""

    def __init__(self, rows: Tensor, gate: float) -> None:
        super().__init__()
        self.rows = nn.Parameter(rows)
        self.gates = nn.Parameter(torch.full((len(rows),), gate))

    def forward(self, bags: Bags, kept: Tensor | None = None) -> Tensor:
        """Return (n, width); ``kept`` (like ``bags.ids``) scales features, 0 drops one."""
        weights = torch.exp(self.gates[bags.ids])
        if kept is not None:
            weights = weights * kept
        summed = nn.functional.embedding_bag(
            bags.ids, self.rows, bags.offsets, mode="sum", per_sample_weights=weights
        )
        energy = torch.zeros(len(bags.offsets)).index_add(0, bags.owners, weights * weights)
        pooled: Tensor = summed / torch.sqrt(energy + 1.0).unsqueeze(1)
        return pooled


class Trunk(nn.Module):
    """Pooled features (batch, width) to features for the heads (batch, width + hidden)."""

    def __init__(self, size: NetSize, dropout: float) -> None:
        super().__init__()
        width = size.known + size.grams
        self.into = nn.Linear(width, size.hidden)
        self.dropout = nn.Dropout(dropout)
        self.out_width = width + size.hidden

    def forward(self, pooled: Tensor) -> Tensor:
        """Return pooled features beside what the perceptron makes of them."""
        hidden = torch.relu(self.into(pooled))
        features: Tensor = self.dropout(torch.cat([pooled, hidden], dim=-1))
        return features


class MoodHeads(nn.Module):
    """The three heads that the device uses."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.mood = nn.Linear(width, len(MOOD_LABELS))
        self.va = nn.Linear(width, 2)
        self.goal = nn.Linear(width, len(GOAL_CLASSES))

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return mood scores (batch, 15), (valence, arousal) (batch, 2), goal scores (batch, 5)."""
        return self.mood(features), torch.tanh(self.va(features)), self.goal(features)


class MoodNet(nn.Module):
    """The network as it is trained."""

    def __init__(self, size: NetSize, known: Tensor | None = None, dropout: float = 0.2) -> None:
        """``known``: vectors of the known rows, shape (KNOWN_ROWS, size.known), to start from."""
        super().__init__()
        if known is None:
            known = torch.randn(KNOWN_ROWS, size.known) * 0.05
        self.known = GatedBag(known.clone(), 0.0)
        self.grams = GatedBag(torch.randn(GRAM_ROWS, size.grams) * 0.02, _GRAM_GATE)
        self.trunk = Trunk(size, dropout)
        self.heads = MoodHeads(self.trunk.out_width)
        self.auxiliary = nn.ModuleDict(
            {
                name: nn.Linear(self.trunk.out_width, len(labels))
                for name, labels in OWN_LABELS.items()
            }
        )
        """Heads for the data sets' own labels: they teach the rows; they do not ship."""

    def forward(
        self,
        known: Bags,
        grams: Bags,
        known_kept: Tensor | None = None,
        grams_kept: Tensor | None = None,
    ) -> Readings:
        """Return the readings of a batch."""
        pooled = torch.cat([self.known(known, known_kept), self.grams(grams, grams_kept)], dim=1)
        features = self.trunk(pooled)
        mood, va, goal = self.heads(features)
        return Readings(mood, va, goal, features)


def label_plane() -> Tensor:
    """Return the labels' (valence, arousal), shape (15, 2)."""
    return torch.tensor([label_position(label) for label in MOOD_LABELS])
