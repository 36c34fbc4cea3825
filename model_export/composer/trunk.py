"""The composer's trunk: what hears the music and remembers it.

A GRU follows the music; an attention looks for earlier moments that were like this one and brings
what came next then; a second GRU decides. The attention's key of an event is made from what the
first GRU knew *before* the event, its value from the event itself, so that "what followed last
time" is one product away, as in a neural cache (Grave et al., arXiv:1612.04426).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional


class Carried(NamedTuple):
    """What the trunk keeps between two windows of B rows."""

    state: Tensor
    """(2, B, hidden): of the two GRUs."""
    keys: Tensor
    """(B, memory, heads * head_size): the newest last."""
    values: Tensor
    """(B, memory, heads * head_size)"""
    known: Tensor
    """(B, memory) bool: which of the keys are of this row's music."""

    def forgetting(self, fresh: Tensor) -> Carried:
        """Return it with the rows emptied that ``fresh`` (B,) says begin new music."""
        state = torch.where(fresh[None, :, None], 0.0, self.state)
        return self._replace(state=state, known=self.known & ~fresh[:, None])


class Trunk(nn.Module):
    """Rows of T steps: what is seen (B, T, seen) and what is wished (B, T, wish) -> (B, T, hidden).

    ``wish`` enters both layers; ``dropout`` is the share of units dropped in training; ``memory``
    is how many steps before a window the attention still sees.
    """

    def __init__(
        self, *, seen: int, wish: int, hidden: int, heads: int, head_size: int, memory: int,
        dropout: float,
    ) -> None:  # fmt: skip
        super().__init__()
        self.heads, self.memory, self.dropout = heads, memory, dropout
        width = heads * head_size
        self.lower = nn.GRU(seen + wish, hidden, batch_first=True)
        self.query = nn.Linear(hidden, width)
        self.key = nn.Linear(hidden, width)
        self.value = nn.Linear(seen + wish + hidden, width)
        self.nowhere = nn.Parameter(torch.zeros(2, width))
        """Key and value of a place that is always there, to look at when nothing is alike."""
        self.found = nn.Linear(width, hidden)
        self.upper = nn.GRU(hidden + wish, hidden, batch_first=True)
        nn.init.zeros_(self.found.weight)  # at first the attention is not heard: learning starts
        nn.init.zeros_(self.found.bias)  # as quickly as a plain GRU's (8-minute probes)

    def nothing(self, rows: int, device: torch.device | str = "cpu") -> Carried:
        """Return what is carried before any music."""
        width = self.key.out_features
        return Carried(
            torch.zeros(2, rows, self.upper.hidden_size, device=device),
            torch.zeros(rows, self.memory, width, device=device),
            torch.zeros(rows, self.memory, width, device=device),
            torch.zeros(rows, self.memory, dtype=torch.bool, device=device),
        )

    def forward(self, seen: Tensor, wish: Tensor, carried: Carried) -> tuple[Tensor, Carried]:
        """Return (B, T, hidden) outputs and what the next window needs."""
        seen = torch.cat([seen, wish], dim=-1)
        low, low_state = self.lower(self._dropped(seen), carried.state[:1])
        before = torch.cat([carried.state[0][:, None].to(low.dtype), low[:, :-1]], dim=1)
        keys = torch.cat([carried.keys, self.key(before)], dim=1)  # (B, memory + T, width)
        values = torch.cat([carried.values, self.value(torch.cat([seen, low], dim=-1))], dim=1)
        attended = self._attended(self.query(low), keys, values, carried.known)
        mixed = low + self.found(attended)
        high, high_state = self.upper(
            torch.cat([self._dropped(mixed), wish], dim=-1), carried.state[1:]
        )
        rows, steps, _ = seen.shape
        known = torch.cat([carried.known, carried.known.new_ones(rows, steps)], dim=1)
        return self._dropped(high), Carried(
            torch.cat([low_state, high_state]).float().detach(),
            keys[:, steps:].float().detach(),
            values[:, steps:].float().detach(),
            known[:, steps:],
        )

    def _attended(self, query: Tensor, keys: Tensor, values: Tensor, known: Tensor) -> Tensor:
        """Return (B, T, width): a step sees ``known`` and, of its window, up to itself."""
        rows, steps, _ = query.shape
        key, value = self.nowhere[:, None, None].expand(-1, rows, -1, -1)
        keys, values = torch.cat([key, keys], dim=1), torch.cat([value, values], dim=1)
        known = torch.cat([known.new_ones(rows, 1), known], dim=1)
        past = torch.ones(steps, steps, dtype=torch.bool, device=query.device).tril()
        seen = torch.cat([known[:, None].expand(-1, steps, -1), past.expand(rows, -1, -1)], dim=-1)
        heads = (
            x.to(query.dtype).reshape(rows, x.shape[1], self.heads, -1).transpose(1, 2)
            for x in (query, keys, values)
        )
        q, k, v = heads
        mixed = functional.scaled_dot_product_attention(q, k, v, seen[:, None])
        return mixed.transpose(1, 2).flatten(-2)

    def _dropped(self, x: Tensor) -> Tensor:
        """Drop the same units through the whole window (Gal & Ghahramani, arXiv:1512.05287)."""
        if not self.training or self.dropout == 0.0:
            return x
        kept = torch.rand(x.shape[0], 1, x.shape[2], device=x.device) >= self.dropout
        return x * (kept / (1.0 - self.dropout)).to(x.dtype)
