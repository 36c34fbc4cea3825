"""The composer's network: a trunk, one step an event, and three heads that hear each other.

``p(event) = p(place | past) * p(symbol | past, place) * p(duration | past, place, symbol)``
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from firmware_py.compose.condition import CONDITION
from firmware_py.compose.vocabulary import (
    DURATIONS,
    NO_DURATION,
    NO_SYMBOL,
    PITCHES,
    PLACES,
    SYMBOLS,
)
from model_export.composer.hyperparameters import Hyperparameters
from model_export.composer.trunk import Carried, Trunk


class Losses(NamedTuple):
    """Nats of each part, one number an event; zero where the event has no such part."""

    place: Tensor
    symbol: Tensor
    duration: Tensor


class ComposerNetwork(nn.Module):
    """Batches are B sequences of T events.

    An event is place, symbol, duration, chord, and a flag for each of ``PITCHES``: whether it
    sounded already when the event came.
    """

    def __init__(self, numbers: Hyperparameters) -> None:
        super().__init__()
        n = numbers
        self.place = nn.Embedding(PLACES, n.place_size)
        self.symbol = nn.Embedding(SYMBOLS, n.symbol_size)
        self.duration = nn.Embedding(DURATIONS, n.duration_size)
        self.chord = nn.Embedding(SYMBOLS, n.chord_size)
        self.condition = nn.Linear(CONDITION, n.condition_size)
        event = n.place_size + n.symbol_size + n.duration_size + n.chord_size + PITCHES
        self.trunk = Trunk(
            seen=event,
            wish=n.condition_size,
            hidden=n.hidden,
            heads=n.heads,
            head_size=n.head_size,
            memory=n.memory,
            dropout=n.dropout,
        )
        self.place_out = nn.Linear(n.hidden, PLACES)
        self.symbol_in = nn.Linear(n.hidden, n.symbol_head)
        self.symbol_place = nn.Embedding(PLACES, n.symbol_head)
        self.symbol_ringing = nn.Linear(PITCHES, n.symbol_head, bias=False)
        self.symbol_out = nn.Linear(n.symbol_head, SYMBOLS)
        self.duration_in = nn.Linear(n.hidden, n.duration_head)
        self.duration_place = nn.Embedding(PLACES, n.duration_head)
        self.duration_symbol = nn.Embedding(SYMBOLS, n.duration_head)
        self.duration_out = nn.Linear(n.duration_head, DURATIONS)

    def nothing(self, rows: int, device: torch.device | str = "cpu") -> Carried:
        """Return what is carried before any music."""
        return self.trunk.nothing(rows, device)

    def forward(
        self, events: Tensor, conditions: Tensor, carried: Carried
    ) -> tuple[Tensor, Carried]:
        """Return (B, T, hidden) outputs and what the next window needs.

        ``events`` (B, T, 4 + PITCHES) int64, ``conditions`` (B, T, CONDITION).
        """
        wish = torch.tanh(self.condition(conditions))  # (B, T, condition_size)
        seen = torch.cat(
            [
                self.place(events[..., 0]),
                self.symbol(events[..., 1]),
                self.duration(events[..., 2]),
                self.chord(events[..., 3]),
                events[..., 4:].to(wish.dtype),
            ],
            dim=-1,
        )
        out: tuple[Tensor, Carried] = self.trunk(seen, wish, carried)
        return out

    def place_logits(self, out: Tensor) -> Tensor:
        """Return (..., PLACES)."""
        logits: Tensor = self.place_out(out)
        return logits

    def symbol_logits(self, out: Tensor, place: Tensor, ringing: Tensor) -> Tensor:
        """Return (..., SYMBOLS) once the next place is known, and what sounds there already.

        ``ringing`` (..., PITCHES): 1 where a pitch sounds.
        """
        mixed = self.symbol_in(out) + self.symbol_place(place)
        mixed = mixed + self.symbol_ringing(ringing.to(mixed.dtype))
        logits: Tensor = self.symbol_out(torch.tanh(mixed))
        return logits

    def duration_logits(self, out: Tensor, place: Tensor, symbol: Tensor) -> Tensor:
        """Return (..., DURATIONS) once the next place and pitch are known."""
        mixed = self.duration_in(out) + self.duration_place(place) + self.duration_symbol(symbol)
        logits: Tensor = self.duration_out(torch.tanh(mixed))
        return logits

    def losses(self, out: Tensor, target: Tensor) -> Losses:
        """Return the nats of each target event; ``target`` as events, place -1: not counted."""
        place, symbol, duration = target[..., 0], target[..., 1], target[..., 2]
        real = place >= 0
        sounding = real & (symbol != NO_SYMBOL)
        lasting = real & (duration != NO_DURATION)
        known = place.clamp(min=0)
        return Losses(
            _nats(self.place_logits(out), place, real),
            _nats(self.symbol_logits(out, known, target[..., 4:]), symbol, sounding),
            _nats(self.duration_logits(out, known, symbol), duration, lasting),
        )


def _nats(logits: Tensor, target: Tensor, counted: Tensor) -> Tensor:
    chosen = torch.where(counted, target, -100)
    flat = functional.cross_entropy(
        logits.float().flatten(0, -2), chosen.flatten(), ignore_index=-100, reduction="none"
    )
    return flat.view(target.shape)
