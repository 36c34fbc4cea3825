"""A TonicNet-like network: three GRU layers over one flat stream of tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from firmware_py.compose.vocabulary import PLACES
from model_export.baselines.token_network import TokenNetwork

_LAYERS: Final = 3
_PLACE_SIZE: Final = 32


@dataclass(frozen=True, slots=True)
class GruSize:
    """TonicNet has 256 units and its dropout is 0.3 (0.1 at the input)."""

    vocabulary: int
    hidden: int
    dropout: float


class TokenGru(TokenNetwork):
    """Embedded token and place -> 3 GRU layers -> logits; the place goes to the output, too.

    TonicNet tells its network beside every token how long its pitch was repeated, which is how a
    chorale on a fixed grid tells the time; with lengths as tokens the place in the bar does that.
    """

    def __init__(self, size: GruSize) -> None:
        super().__init__()
        self.size = size
        self.token = nn.Embedding(size.vocabulary, size.hidden)
        self.place = nn.Embedding(PLACES, _PLACE_SIZE)
        self.trunk = nn.GRU(
            size.hidden + _PLACE_SIZE,
            size.hidden,
            num_layers=_LAYERS,
            batch_first=True,
            dropout=size.dropout,
        )
        self.out = nn.Linear(size.hidden + _PLACE_SIZE, size.vocabulary, bias=False)

    def nothing(self, rows: int) -> tuple[Tensor, ...]:
        """Return the state before any music."""
        return (torch.zeros(_LAYERS, rows, self.size.hidden),)

    def forward(
        self, tokens: Tensor, places: Tensor, state: tuple[Tensor, ...]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return (B, T, vocabulary) logits and the new state; ``tokens``, ``places`` (B, T)."""
        place = self.place(places)
        seen = torch.cat([place, self.token(tokens)], dim=-1)
        out, hidden = self.trunk(self._dropped(seen, max(0.0, self.size.dropout - 0.2)), state[0])
        mixed = self._dropped(torch.cat([place.to(out.dtype), out], dim=-1), self.size.dropout)
        return self.out(mixed), (hidden.float().detach(),)

    def _dropped(self, x: Tensor, share: float) -> Tensor:
        """Drop the same units through the whole window (Gal & Ghahramani, arXiv:1512.05287)."""
        if not self.training or share == 0.0:
            return x
        kept = functional.dropout(torch.ones_like(x[:, :1]), share)
        return x * kept
