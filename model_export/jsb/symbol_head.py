"""Which symbol comes, once it is known when and in which voice."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from model_export.jsb import echoes
from model_export.jsb.body import Dropped
from model_export.jsb.changes import (
    LATEST,
    NOTHING,
    PITCHES,
    PLACES,
    SILENT,
    STEP,
    SYMBOLS,
    moments,
)
from model_export.jsb.chorales import BAR, VOICES
from model_export.jsb.hyperparameters import Hyperparameters
from model_export.jsb.told import Told, Trust

LEAP = 24
"""Intervals beyond two octaves are scored as two octaves."""
INTERVALS = 2 * LEAP + 2
"""And one where there is none."""


class SymbolHead(nn.Module):
    """Scores a pitch by itself, by intervals and by what is told.

    Intervals: from the voice's pitch before, and above each voice that now sounds (its class).
    """

    def __init__(self, known: int, symbol: int, numbers: Hyperparameters) -> None:
        super().__init__()
        size, interval = numbers.symbol_hidden, numbers.interval_size
        self.dropped = Dropped(numbers.head_dropout)
        self.known = nn.Linear(known, size)
        self.place = nn.Embedding(PLACES, size)
        self.moment = nn.Embedding(BAR * VOICES, size)
        self.interval = nn.Embedding(VOICES * VOICES * INTERVALS, interval)
        self.intervals = nn.Linear(VOICES * interval, size, bias=False)
        self.before = nn.Linear(symbol, size, bias=False)
        self.mixed = nn.Linear(size, size)
        self.by_itself = nn.Linear(size, SYMBOLS)
        self.by_degree = nn.Linear(size, 12)
        self.by_leap = nn.Linear(size, 2 * LEAP + 1)
        self.by_class = nn.Linear(size, VOICES * 12)
        self.trust = Trust(size, 2)

    def forward(
        self, known: Tensor, rows: Tensor, place: Tensor, old: Tensor, told: Told
    ) -> Tensor:
        """Return (B, T, SYMBOLS); ``place`` (B, T), ``old`` (B, T, symbol): what changes there."""
        turn = place % VOICES
        latest = rows[..., LATEST]
        before = latest.gather(-1, turn[..., None])  # (B, T, 1)
        hidden = (
            self.known(known)
            + self.intervals(self._intervals(latest, before, turn))
            + self.place(place)
            + self.moment(moments(rows[..., STEP], place))
            + self.before(old)
        )
        hidden = self.dropped(functional.gelu(hidden))
        hidden = self.dropped(functional.gelu(self.mixed(hidden)))
        pitches = torch.arange(PITCHES, device=rows.device)
        leap = (pitches - before).clamp(-LEAP, LEAP) + LEAP
        scores: Tensor = self.by_leap(hidden).float().gather(-1, leap) * (before < PITCHES)
        by_class = self.by_class(hidden).float().unflatten(-1, (VOICES, 12))
        above = (pitches - latest[..., None]) % 12  # (B, T, 4, PITCHES)
        sounding = (latest < PITCHES)[..., None]
        scores = scores + (by_class.gather(-1, above) * sounding).sum(-2)
        scores = scores + self.by_degree(hidden).float()[..., pitches % 12]
        scores = self.by_itself(hidden).float() + functional.pad(scores, (0, SYMBOLS - PITCHES))
        scores = scores + self._told(hidden, before, place, told)
        symbols = torch.arange(SYMBOLS, device=rows.device)
        return scores.masked_fill((symbols == before) | (symbols == NOTHING), -torch.inf)

    def _intervals(self, latest: Tensor, before: Tensor, turn: Tensor) -> Tensor:
        """Return (B, T, 4 * interval_size): from the voice's pitch before to the sounding ones."""
        pairs = turn[..., None] * VOICES + torch.arange(VOICES, device=turn.device)
        intervals = (latest - before).clamp(-LEAP, LEAP) + LEAP
        none = (latest >= PITCHES) | (before >= PITCHES)
        intervals = torch.where(none, INTERVALS - 1, intervals)
        found: Tensor = self.interval(intervals + pairs * INTERVALS).flatten(-2)
        return found

    def _told(self, hidden: Tensor, before: Tensor, place: Tensor, told: Told) -> Tensor:
        """Return (B, T, SYMBOLS): for the symbols told, whether for this place or another."""
        turn = (place % VOICES)[..., None, None].expand(*place.shape, echoes.SOURCES, 1)
        ahead, leap = (x.gather(-1, turn)[..., 0] for x in (told.ahead, told.leap))
        trust = self.trust(hidden, told.alike)
        trust = trust.gather(-2, turn[..., None].expand(*turn.shape, 2))[..., 0, :]
        in_time = ahead == (place // VOICES)[..., None]
        weight = torch.where(in_time, trust[..., 0], trust[..., 1])  # (B, T, SOURCES)
        symbol = before + leap - echoes.LEAP
        nothing = (leap >= echoes.INTO_REST) | (before >= PITCHES)
        symbol = torch.where(nothing | (symbol < 0) | (symbol >= PITCHES), SYMBOLS, symbol)
        symbol = torch.where(leap == echoes.INTO_REST, SILENT, symbol)
        zeros = weight.new_zeros(*place.shape, SYMBOLS + 1)
        return torch.log1p(zeros.scatter_add(-1, symbol, weight.exp()))[..., :SYMBOLS]
