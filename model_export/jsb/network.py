"""The chorale network: what is known of a cell, a body that remembers, one head.

The head gives one probability for each symbol of the cell: the voice repeats its symbol, or moves
to one of the others. A pitch is scored three ways that add up: by itself, by its interval from the
voice's pitch before, and by its interval class above each other voice.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from model_export.composer.trunk import Carried, Trunk
from model_export.jsb.body import GruBody
from model_export.jsb.cells import (
    BAR,
    HELD,
    LATEST,
    LONGEST,
    MOVE,
    MOVES,
    NOTHING,
    PITCHES,
    PLACE,
    SYMBOLS,
    TARGET,
    VOICE,
)  # fmt: skip
from model_export.jsb.chorales import VOICES
from model_export.jsb.hyperparameters import Hyperparameters

LEAP = 24
"""Intervals beyond two octaves are scored as two octaves."""


class ChoraleNetwork(nn.Module):
    """Batches are (B, T, COLUMNS) of ``cells``."""

    reference_nats: Tensor
    """(MOVES,): what a chorale's reference costs, counted before its first cell."""

    def __init__(self, numbers: Hyperparameters) -> None:
        super().__init__()
        self.register_buffer("reference_nats", torch.full((MOVES,), math.log(MOVES)))
        n = numbers
        self.symbols = nn.Embedding(VOICES * SYMBOLS, n.symbol_size)
        self.held = nn.Embedding(VOICES * (LONGEST + 1), n.held_size)
        self.place = nn.Embedding(BAR, n.place_size)
        self.voice = nn.Embedding(VOICES, n.voice_size)
        self.move = nn.Embedding(MOVES, n.move_size)
        seen = VOICES * (n.symbol_size + n.held_size)
        asked = n.symbol_size + n.held_size + n.place_size + n.voice_size + n.move_size
        self.asked = nn.Linear(asked, n.wish_size)
        self.body: Trunk | GruBody = (
            GruBody(seen=seen, wish=n.wish_size, hidden=n.hidden, dropout=n.dropout)
            if n.model == "gru"
            else Trunk(
                seen=seen, wish=n.wish_size, hidden=n.hidden, heads=n.heads,
                head_size=n.head_size, memory=n.memory, dropout=n.dropout,
            )
        )  # fmt: skip
        self.head_in = nn.Linear(n.hidden + seen + n.wish_size, n.head_hidden)
        self.head_dropout = nn.Dropout(n.head_dropout)
        self.by_itself = nn.Linear(n.head_hidden, 1 + SYMBOLS)  # the first: it repeats
        self.by_leap = nn.Linear(n.head_hidden, 2 * LEAP + 1)
        self.by_class = nn.Linear(n.head_hidden, VOICES * 12)

    def logits(self, cells: Tensor, carried: Carried) -> tuple[Tensor, Carried]:
        """Return (B, T, 1 + SYMBOLS) and what the next window needs."""
        voice, latest = cells[..., VOICE], cells[..., LATEST]
        held = cells[..., HELD]
        each = torch.arange(VOICES, device=cells.device)
        symbols = self.symbols(latest + each * SYMBOLS)  # (B, T, 4, symbol_size)
        lasting = self.held(held + each * (LONGEST + 1))
        seen = torch.cat([symbols.flatten(-2), lasting.flatten(-2)], dim=-1)
        asked = torch.cat(
            [
                _of_voice(symbols, voice), _of_voice(lasting, voice), self.place(cells[..., PLACE]),
                self.voice(voice), self.move(cells[..., MOVE]),
            ], dim=-1,
        )  # fmt: skip
        wish = torch.tanh(self.asked(asked))
        out, carried = self.body(seen, wish, carried)
        hidden = functional.gelu(self.head_in(torch.cat([out, seen, wish], dim=-1)))
        hidden = self.head_dropout(hidden)
        scores = self.by_itself(hidden).float()
        before = latest.gather(-1, voice[..., None])  # (B, T, 1)
        pitches = torch.arange(PITCHES, device=cells.device)
        leap = (pitches - before).clamp(-LEAP, LEAP) + LEAP
        extra = self.by_leap(hidden).float().gather(-1, leap) * (before < PITCHES)
        by_class = self.by_class(hidden).float().unflatten(-1, (VOICES, 12))
        above = (pitches - latest[..., None]) % 12  # (B, T, 4, PITCHES)
        extra = extra + (by_class.gather(-1, above) * (latest < PITCHES)[..., None]).sum(-2)
        scores = torch.cat(
            [scores[..., :1], scores[..., 1 : 1 + PITCHES] + extra, scores[..., 1 + PITCHES :]], -1
        )
        return scores.masked_fill(_impossible(before), -torch.inf), carried

    def nats(self, cells: Tensor, carried: Carried) -> tuple[Tensor, Carried]:
        """Return (B, T) nats, zero where padded, and what the next window needs."""
        scores, carried = self.logits(cells, carried)
        target = cells[..., TARGET]
        before = cells[..., LATEST].gather(-1, cells[..., VOICE, None])[..., 0]
        chosen = torch.where(target == before, 0, 1 + target)
        chosen = torch.where(target == NOTHING, -100, chosen)
        flat = functional.cross_entropy(scores.flatten(0, -2), chosen.flatten(), reduction="none")
        return flat.view(target.shape), carried


def _of_voice(x: Tensor, voice: Tensor) -> Tensor:
    """Return (B, T, size) of (B, T, 4, size): that of the voice asked for."""
    index = voice[..., None, None].expand(-1, -1, 1, x.shape[-1])
    return x.gather(-2, index)[..., 0, :]


def _impossible(before: Tensor) -> Tensor:
    """Return (B, T, 1 + SYMBOLS): a move to what was there, a repeat of nothing, nothing."""
    classes = torch.arange(1 + SYMBOLS, device=before.device)
    none = before == NOTHING
    return (classes == 1 + before) | ((classes == 0) & none) | (classes == 1 + NOTHING)
