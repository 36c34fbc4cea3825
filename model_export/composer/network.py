"""The composer's network: two GRU layers, one step an event, three heads that hear each other.

``p(event) = p(place | past) * p(symbol | past, place) * p(duration | past, place, symbol)``
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from firmware_py.compose.condition import CONDITION
from firmware_py.compose.vocabulary import DURATIONS, NO_DURATION, NO_SYMBOL, PLACES, SYMBOLS
from model_export.composer.hyperparameters import Hyperparameters


class Losses(NamedTuple):
    """Nats of each part, one number an event; zero where the event has no such part."""

    place: Tensor
    symbol: Tensor
    duration: Tensor


class ComposerNetwork(nn.Module):
    """Batches are B sequences of T events; an event is (place, symbol, duration, chord)."""

    def __init__(self, numbers: Hyperparameters) -> None:
        super().__init__()
        n = numbers
        self.place = nn.Embedding(PLACES, n.place_size)
        self.symbol = nn.Embedding(SYMBOLS, n.symbol_size)
        self.duration = nn.Embedding(DURATIONS, n.duration_size)
        self.chord = nn.Embedding(SYMBOLS, n.chord_size)
        self.condition = nn.Linear(CONDITION, n.condition_size)
        event = n.place_size + n.symbol_size + n.duration_size + n.chord_size
        self.lower = nn.GRU(event + n.condition_size, n.hidden, batch_first=True)
        self.upper = nn.GRU(n.hidden + n.condition_size, n.hidden, batch_first=True)
        self.dropout = nn.Dropout(n.dropout)

        self.place_out = nn.Linear(n.hidden, PLACES)
        self.symbol_in = nn.Linear(n.hidden, n.symbol_head)
        self.symbol_place = nn.Embedding(PLACES, n.symbol_head)
        self.symbol_out = nn.Linear(n.symbol_head, SYMBOLS)
        self.duration_in = nn.Linear(n.hidden, n.duration_head)
        self.duration_place = nn.Embedding(PLACES, n.duration_head)
        self.duration_symbol = nn.Embedding(SYMBOLS, n.duration_head)
        self.duration_out = nn.Linear(n.duration_head, DURATIONS)

    def forward(self, events: Tensor, conditions: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return (B, T, hidden) outputs and the new (2, B, hidden) state.

        ``events`` (B, T, 4) int64, ``conditions`` (B, T, CONDITION), ``state`` (2, B, hidden).
        """
        wish = torch.tanh(self.condition(conditions))  # (B, T, condition_size)
        seen = torch.cat(
            [
                self.place(events[..., 0]),
                self.symbol(events[..., 1]),
                self.duration(events[..., 2]),
                self.chord(events[..., 3]),
                wish,
            ],
            dim=-1,
        )
        low, low_state = self.lower(self.dropout(seen), state[:1])
        high, high_state = self.upper(torch.cat([self.dropout(low), wish], dim=-1), state[1:])
        return self.dropout(high), torch.cat([low_state, high_state])

    def place_logits(self, out: Tensor) -> Tensor:
        """Return (..., PLACES)."""
        logits: Tensor = self.place_out(out)
        return logits

    def symbol_logits(self, out: Tensor, place: Tensor) -> Tensor:
        """Return (..., SYMBOLS) once the next place is known."""
        logits: Tensor = self.symbol_out(torch.tanh(self.symbol_in(out) + self.symbol_place(place)))
        return logits

    def duration_logits(self, out: Tensor, place: Tensor, symbol: Tensor) -> Tensor:
        """Return (..., DURATIONS) once the next place and pitch are known."""
        mixed = self.duration_in(out) + self.duration_place(place) + self.duration_symbol(symbol)
        logits: Tensor = self.duration_out(torch.tanh(mixed))
        return logits

    def losses(self, out: Tensor, target: Tensor) -> Losses:
        """Return the nats of each target event; ``target`` (B, T, >= 3), place -1: not counted."""
        place, symbol, duration = target[..., 0], target[..., 1], target[..., 2]
        real = place >= 0
        sounding = real & (symbol != NO_SYMBOL)
        lasting = real & (duration != NO_DURATION)
        known = place.clamp(min=0)
        return Losses(
            _nats(self.place_logits(out), place, real),
            _nats(self.symbol_logits(out, known), symbol, sounding),
            _nats(self.duration_logits(out, known, symbol), duration, lasting),
        )


def _nats(logits: Tensor, target: Tensor, counted: Tensor) -> Tensor:
    chosen = torch.where(counted, target, -100)
    flat = functional.cross_entropy(
        logits.float().flatten(0, -2), chosen.flatten(), ignore_index=-100, reduction="none"
    )
    return flat.view(target.shape)
