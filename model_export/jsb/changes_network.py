"""The chorale network: what is known after a change, a body that remembers, two heads.

``p(change) = p(place | past) * p(symbol | past, place)``. A place is scored by how far ahead it is
and by where in the bar; a pitch by itself, by its interval from the voice's pitch before, and by
its interval class above each voice that now sounds.
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
    FAR,
    HELD,
    HISTORY,
    LASTED,
    LATEST,
    LEAPT,
    LEFT,
    MOVE,
    MOVES,
    NOTHING,
    PADDED,
    PITCHES,
    PLACES,
    STEP,
    SYMBOLS,
    TARGET_PLACE,
    TARGET_SYMBOL,
    TURN,
    WAIT,
    WIDEST,
    move_of,
    reference_nats,
)
from model_export.jsb.changes import changes as read
from model_export.jsb.chorales import BAR, LONGEST, PADDING, VOICES, Chorale
from model_export.jsb.hyperparameters import Hyperparameters
from model_export.jsb.model import ChoraleModel, Nats, Reading

LAGS = (4, 8, 16, 32, 48)
"""A place is scored by whether its voice changed so many sixteenths before it, too."""
CLASSES = 14
"""Twelve pitch classes, a rest, nothing."""
LEAP = 24
"""Intervals beyond two octaves are scored as two octaves."""
INTERVALS = 2 * LEAP + 2
"""And one where there is none."""


class ChangesNetwork(ChoraleModel):
    """Batches are (B, T, COLUMNS) of ``changes``."""

    reading = Reading(read, PADDED)
    reference_nats: Tensor
    """(MOVES,): what a chorale's reference costs, counted before its first change."""

    def __init__(self, numbers: Hyperparameters) -> None:
        super().__init__()
        n = numbers
        self.register_buffer("reference_nats", torch.full((MOVES,), math.log(MOVES)))
        self.classes = nn.Embedding(CLASSES, n.class_size)
        self.heights = nn.Embedding(VOICES * SYMBOLS, n.height_size)
        self.held = nn.Embedding(VOICES * (LONGEST + 1), n.held_size)
        self.moment = nn.Embedding(BAR * VOICES, n.wish_size)
        self.bars = nn.Embedding(CYCLE * BAR // 4, n.wish_size)
        self.move = nn.Embedding(MOVES, n.wish_size)
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
        self.head_dropout = Dropped(n.head_dropout)
        self.place_in = nn.Linear(n.hidden + seen + n.wish_size, n.place_hidden)
        self.by_distance = nn.Linear(n.place_hidden, WAIT)
        self.by_moment = nn.Linear(n.place_hidden, BAR * VOICES)
        self.by_history = nn.Linear(n.place_hidden, len(LAGS) * VOICES)
        self.by_held = nn.Linear(n.place_hidden, (LONGEST + 1) * VOICES)
        self.symbol_in = nn.Linear(n.hidden + seen + n.wish_size, n.symbol_hidden)
        self.symbol_place = nn.Embedding(PLACES, n.symbol_hidden)
        self.symbol_moment = nn.Embedding(BAR * VOICES, n.symbol_hidden)
        self.symbol_interval = nn.Embedding(VOICES * VOICES * INTERVALS, n.interval_size)
        self.symbol_intervals = nn.Linear(VOICES * n.interval_size, n.symbol_hidden, bias=False)
        self.symbol_mixed = nn.Linear(n.symbol_hidden, n.symbol_hidden)
        self.symbol_before = nn.Linear(symbol, n.symbol_hidden, bias=False)
        self.by_itself = nn.Linear(n.symbol_hidden, SYMBOLS)
        self.by_degree = nn.Linear(n.symbol_hidden, 12)
        self.by_leap = nn.Linear(n.symbol_hidden, 2 * LEAP + 1)
        self.by_class = nn.Linear(n.symbol_hidden, VOICES * 12)

    def prepare(self, train: tuple[Chorale, ...]) -> None:
        """Count the references."""
        self.reference_nats.copy_(torch.from_numpy(reference_nats(train)))

    def reference(self, chorale: Chorale) -> float:
        """Return the nats of the pitch class of the first bass note."""
        return float(self.reference_nats[move_of(chorale)])

    def nats(self, changes: Tensor, carried: Carried) -> tuple[Nats, Carried]:
        """Return the nats of the targets, and what the next window needs."""
        out, carried = self.heard(changes, carried)
        place, symbol = changes[..., TARGET_PLACE], changes[..., TARGET_SYMBOL]
        place_nats = _place_nats(self.place_scores(out, changes), changes)
        scores = self.symbol_scores(out, changes, place.clamp(min=0))
        symbol_nats = functional.cross_entropy(
            scores.flatten(0, -2), symbol.flatten(), ignore_index=PADDING, reduction="none"
        )
        return Nats(place_nats, symbol_nats.view(symbol.shape)), carried

    def heard(self, changes: Tensor, carried: Carried) -> tuple[Tensor, Carried]:
        """Return (B, T, hidden + seen + wish_size) for the heads, and what is carried on."""
        turns = torch.arange(VOICES, device=changes.device)
        latest = changes[..., LATEST]
        over = _sounding((latest - latest[..., :1]) % 12, latest, latest[..., :1], none=12)
        voices = torch.cat(
            [
                self._symbol(latest, turns),
                self.held(changes[..., HELD] + turns * (LONGEST + 1)),
                self.leapt(changes[..., LEAPT]),
                self.lasted(changes[..., LASTED]),
                self.over_bass(over + turns * 13),
            ],
            dim=-1,
        )  # (B, T, 4, voice)
        seen = voices.flatten(-2)
        moment = self.moment(changes[..., STEP] * VOICES + changes[..., TURN])
        moment = moment + self.bars((changes[..., BARS] * BAR + changes[..., STEP]) // 4)
        wish = torch.tanh(moment + self.move(changes[..., MOVE]))
        out, carried = self.body(seen, wish, carried)
        return torch.cat([out, self.seen_dropout(seen), wish], dim=-1), carried

    def _symbol(self, symbol: Tensor, turn: Tensor) -> Tensor:
        """Return (..., class_size + height_size) of symbols of voices."""
        classes = torch.where(symbol < PITCHES, symbol % 12, symbol - PITCHES + 12)
        return torch.cat([self.classes(classes), self.heights(symbol + turn * SYMBOLS)], dim=-1)

    def place_scores(self, out: Tensor, changes: Tensor) -> Tensor:
        """Return (B, T, WAIT): the logit of a change at each place, if none is before it."""
        hidden = self.head_dropout(functional.gelu(self.place_in(out)))
        places = torch.arange(WAIT, device=changes.device)
        moments = _moment(changes[..., STEP, None], places)
        held = changes[..., HELD].repeat(1, 1, FAR + 1) + places // VOICES
        held = held.clamp(max=LONGEST) * VOICES + places % VOICES
        scores: Tensor = self.by_distance(hidden).float()
        scores += self.by_moment(hidden).float().gather(-1, moments)
        weights = self.by_history(hidden).float().unflatten(-1, (len(LAGS), VOICES))
        for index, lag in enumerate(LAGS):
            ago = (lag - places // VOICES).clamp(min=0)
            history = changes[..., HISTORY].repeat(1, 1, FAR + 1)
            changed = (history >> ago) & (lag >= places // VOICES)
            scores += weights[..., index, :].repeat(1, 1, FAR + 1) * changed
        scores += self.by_held(hidden).float().gather(-1, held)
        return scores

    def symbol_scores(self, out: Tensor, changes: Tensor, place: Tensor) -> Tensor:
        """Return (B, T, SYMBOLS) logits of the next symbol once its place is known."""
        turn = place % VOICES
        latest = changes[..., LATEST]
        before = latest.gather(-1, turn[..., None])  # (B, T, 1)
        pairs = turn[..., None] * VOICES + torch.arange(VOICES, device=changes.device)
        intervals = (latest - before).clamp(-LEAP, LEAP) + LEAP
        intervals = _sounding(intervals, latest, before, none=INTERVALS - 1)
        intervals = self.symbol_interval(intervals + pairs * INTERVALS)
        hidden = (
            self.symbol_in(out)
            + self.symbol_intervals(intervals.flatten(-2))
            + self.symbol_place(place)
            + self.symbol_moment(_moment(changes[..., STEP], place))
            + self.symbol_before(self._symbol(before[..., 0], turn))
        )
        hidden = self.head_dropout(functional.gelu(hidden))
        hidden = self.head_dropout(functional.gelu(self.symbol_mixed(hidden)))
        pitches = torch.arange(PITCHES, device=changes.device)
        leap = (pitches - before).clamp(-LEAP, LEAP) + LEAP
        scores: Tensor = self.by_leap(hidden).float().gather(-1, leap) * (before < PITCHES)
        by_class = self.by_class(hidden).float().unflatten(-1, (VOICES, 12))
        above = (pitches - latest[..., None]) % 12  # (B, T, 4, PITCHES)
        sounding = (latest < PITCHES)[..., None]
        scores = scores + (by_class.gather(-1, above) * sounding).sum(-2)
        scores = scores + self.by_degree(hidden).float()[..., pitches % 12]
        scores = self.by_itself(hidden).float() + functional.pad(scores, (0, SYMBOLS - PITCHES))
        symbols = torch.arange(SYMBOLS, device=changes.device)
        return scores.masked_fill((symbols == before) | (symbols == NOTHING), -torch.inf)


def _sounding(x: Tensor, one: Tensor, other: Tensor, none: int) -> Tensor:
    """Return ``x`` where both symbols are pitches, else ``none``."""
    return torch.where((one < PITCHES) & (other < PITCHES), x, none)


def _moment(step: Tensor, place: Tensor) -> Tensor:
    """Return where in the bar, and in which turn, a place lies that is seen from ``step``."""
    return (step + place // VOICES) % BAR * VOICES + place % VOICES


def _place_nats(scores: Tensor, changes: Tensor) -> Tensor:
    """Return (B, T) nats of the target places: of no change at any before, then one there.

    In the first sixteenth every voice changes, each in its turn, and that is free; so are places
    that have passed, are beyond the chorale's end, or padded.
    """
    places = torch.arange(WAIT, device=changes.device)
    place, left = changes[..., TARGET_PLACE, None], changes[..., LEFT, None]
    target = torch.where(place == PADDING, WAIT, place)
    open_ = (places > changes[..., TURN, None]) | (places >= VOICES)
    open_ &= (places <= target) & (places // VOICES <= left)
    open_ &= ~(changes[..., LATEST] == NOTHING).any(dim=-1, keepdim=True)
    nats = functional.softplus(torch.where(places == target, -scores, scores))
    return torch.where(open_, nats, 0.0).sum(dim=-1)
