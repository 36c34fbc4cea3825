"""The chorale network: what is known after a change, a body that remembers, two heads.

``p(change) = p(place | past) * p(symbol | past, place)``.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from model_export.composer.trunk import Carried, Trunk
from model_export.jsb.body import Dropped, GruBody
from model_export.jsb.changes import (
    BARS,
    CYCLE,
    HELD,
    LASTED,
    LATEST,
    LEAPT,
    MOVE,
    MOVES,
    PITCHES,
    STEP,
    SYMBOLS,
    TARGET_PLACE,
    TARGET_SYMBOL,
    TURN,
    WIDEST,
    move_of,
    reference_nats,
)
from model_export.jsb.changes_reading import ChangesReading
from model_export.jsb.chorales import BAR, LONGEST, PADDING, VOICES, Chorale
from model_export.jsb.echoes import OWN
from model_export.jsb.hyperparameters import Hyperparameters
from model_export.jsb.model import ChoraleModel, Nats
from model_export.jsb.place_head import PlaceHead, place_nats
from model_export.jsb.symbol_head import SymbolHead
from model_export.jsb.told import TOTAL_STEPS, Told, told

CLASSES = 14
"""Twelve pitch classes, a rest, nothing."""


class ChangesNetwork(ChoraleModel):
    """Batches are (B, T, columns) of a ``ChangesReading``."""

    reference_nats: Tensor
    """(MOVES,): what a chorale's reference costs, counted before its first change."""

    def __init__(self, numbers: Hyperparameters) -> None:
        super().__init__()
        n = numbers
        self.reading = ChangesReading()
        self.register_buffer("reference_nats", torch.full((MOVES,), math.log(MOVES)))
        self.classes = nn.Embedding(CLASSES, n.class_size)
        self.heights = nn.Embedding(VOICES * SYMBOLS, n.height_size)
        self.held = nn.Embedding(VOICES * (LONGEST + 1), n.held_size)
        self.moment = nn.Embedding(BAR * VOICES, n.wish_size)
        self.bars = nn.Embedding(CYCLE * BAR // 4, n.wish_size)
        self.move = nn.Embedding(MOVES, n.wish_size)
        self.alike = nn.Embedding(2 * (len(TOTAL_STEPS) + 1), n.wish_size)
        symbol = n.class_size + n.height_size
        self.leapt = nn.Embedding(2 * WIDEST + 1, n.leap_size)
        self.lasted = nn.Embedding(LONGEST + 1, n.lasted_size)
        self.over_bass = nn.Embedding(VOICES * 13, n.interval_size)
        voice = symbol + n.held_size + n.leap_size + n.lasted_size + n.interval_size
        seen = VOICES * voice
        self.body: Trunk | GruBody = (
            GruBody(seen=seen, wish=n.wish_size, hidden=n.hidden, dropout=n.dropout)
            if n.model == "gru-changes"
            else Trunk(
                seen=seen,
                wish=n.wish_size,
                hidden=n.hidden,
                heads=n.heads,
                head_size=n.head_size,
                memory=n.memory,
                dropout=n.dropout,
            )
        )
        self.seen_dropout = Dropped(n.seen_dropout)
        known = n.hidden + seen + n.wish_size
        self.place_head = PlaceHead(known, n)
        self.symbol_head = SymbolHead(known, symbol, n)

    def prepare(self, train: tuple[Chorale, ...]) -> None:
        """Count the references, and keep the chorales to look things up in."""
        self.reference_nats.copy_(torch.from_numpy(reference_nats(train)))
        self.reading = ChangesReading(train)

    def reference(self, chorale: Chorale) -> float:
        """Return the nats of the pitch class of the first bass note."""
        return float(self.reference_nats[move_of(chorale)])

    def nats(self, batch: Tensor, carried: Carried) -> tuple[Nats, Carried]:
        """Return the nats of the targets, and what the next window needs."""
        sources = told(batch)
        known, carried = self.known(batch, sources, carried)
        nats = place_nats(self.place_head(known, batch, sources), batch)
        symbol = batch[..., TARGET_SYMBOL]
        scores = self.symbol_scores(known, batch, batch[..., TARGET_PLACE].clamp(min=0), sources)
        symbol_nats = functional.cross_entropy(
            scores.flatten(0, -2), symbol.flatten(), ignore_index=PADDING, reduction="none"
        )
        return Nats(nats, symbol_nats.view(symbol.shape)), carried

    def symbol_scores(self, known: Tensor, batch: Tensor, place: Tensor, sources: Told) -> Tensor:
        """Return (B, T, SYMBOLS) logits of the next symbol once its place (B, T) is known."""
        turn = place % VOICES
        old = self._symbol(batch[..., LATEST].gather(-1, turn[..., None])[..., 0], turn)
        scores: Tensor = self.symbol_head(known, batch, place, old, sources)
        return scores

    def known(self, batch: Tensor, sources: Told, carried: Carried) -> tuple[Tensor, Carried]:
        """Return (B, T, hidden + seen + wish_size) for the heads, and what is carried on."""
        turns = torch.arange(VOICES, device=batch.device)
        latest = batch[..., LATEST]
        over = (latest - latest[..., :1]) % 12
        over = torch.where((latest < PITCHES) & (latest[..., :1] < PITCHES), over, 12)
        voices = torch.cat(
            [
                self._symbol(latest, turns),
                self.held(batch[..., HELD] + turns * (LONGEST + 1)),
                self.leapt(batch[..., LEAPT]),
                self.lasted(batch[..., LASTED]),
                self.over_bass(over + turns * 13),
            ],
            dim=-1,
        )  # (B, T, 4, voice)
        seen = voices.flatten(-2)
        moment = self.moment(batch[..., STEP] * VOICES + batch[..., TURN])
        moment = moment + self.bars((batch[..., BARS] * BAR + batch[..., STEP]) // 4)
        alike = sources.total[..., [0, OWN]] + torch.tensor([0, len(TOTAL_STEPS) + 1])
        moment = moment + self.alike(alike).sum(-2)
        wish = torch.tanh(moment + self.move(batch[..., MOVE]))
        out, carried = self.body(seen, wish, carried)
        return torch.cat([out, self.seen_dropout(seen), wish], dim=-1), carried

    def _symbol(self, symbol: Tensor, turn: Tensor) -> Tensor:
        """Return (..., class_size + height_size) of symbols of voices."""
        classes = torch.where(symbol < PITCHES, symbol % 12, symbol - PITCHES + 12)
        return torch.cat([self.classes(classes), self.heights(symbol + turn * SYMBOLS)], dim=-1)
