"""The baseline's body: a plain GRU with the same ways in and out as the composer's trunk."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from model_export.composer.trunk import Carried

LAYERS: Final = 3


class Dropped(nn.Module):
    """Units dropped in training, the same ones through a whole window (arXiv:1512.05287)."""

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, T, size) of the same."""
        if not self.training or self.share == 0.0:
            return x
        kept = torch.rand(x.shape[0], 1, x.shape[2], device=x.device) >= self.share
        return x * (kept / (1.0 - self.share)).to(x.dtype)


class GruBody(nn.Module):
    """``LAYERS`` of ``hidden`` units, one on the other (as in TonicNet, arXiv:1911.11775).

    Units are dropped as in the trunk: the same ones through a whole window.
    """

    def __init__(self, *, seen: int, wish: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.hidden, self.dropped = hidden, Dropped(dropout)
        widths = (seen + wish, *(hidden for _ in range(LAYERS - 1)))
        self.layers = nn.ModuleList(nn.GRU(width, hidden, batch_first=True) for width in widths)

    def nothing(self, rows: int, device: torch.device | str = "cpu") -> Carried:
        """Return what is carried before any music: zeros, and no memory."""
        none = torch.zeros(rows, 0, 1, device=device)
        known = torch.zeros(rows, 0, dtype=torch.bool, device=device)
        return Carried(torch.zeros(LAYERS, rows, self.hidden, device=device), none, none, known)

    def forward(self, seen: Tensor, wish: Tensor, carried: Carried) -> tuple[Tensor, Carried]:
        """Return (B, T, hidden) outputs and what the next window needs."""
        out = torch.cat([seen, wish], dim=-1)
        states = []
        for index, layer in enumerate(self.layers):
            out, state = layer(self.dropped(out), carried.state[index : index + 1])
            states.append(state)
        state = torch.cat(states).float().detach()
        return self.dropped(out), carried._replace(state=state)
