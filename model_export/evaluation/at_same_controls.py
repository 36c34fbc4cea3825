"""Music sampled under the very conditions of real music: what a two-sample test compares fairly.

Free sampling: temperature and nucleus, and no rule of music. Only what the alphabet itself says is
kept: places do not go back, what stands at one place goes down (the chord first, then notes from
high to low, none twice), a note has a length and a chord has none, nothing starts after the bar.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from firmware_py.compose.likeness import LOOKBACK
from firmware_py.compose.ringing import Flags, Ringing
from firmware_py.compose.vocabulary import (
    BAR,
    DURATION_STEPS,
    LOWEST_PITCH,
    NO_DURATION,
    NO_SYMBOL,
    PITCHES,
    PLACES,
    SYMBOLS,
)
from model_export.baselines.excerpt import Excerpt
from model_export.composer.network import ComposerNetwork
from model_export.composer.sequences import Sequence
from model_export.evaluation.excerpts import BAR_STEPS, cut, metres_of, notes_of, places_of

LEAD: Final = LOOKBACK
"""Bars sampled before an excerpt and thrown away: as many as its likeness to what came before is
measured against."""
MOST_EVENTS: Final = 128
"""Events of a bar after which it ends; 99.99% of the corpus's bars have fewer."""


@dataclass(frozen=True, slots=True)
class Temper:
    """How boldly is sampled: 1 and 1 is the model's own distribution."""

    temperature: float = 1.0
    nucleus: float = 1.0
    """Only the likeliest events that together have this probability are drawn from."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One real excerpt and the conditions to write its counterpart under."""

    real: Excerpt
    piece: str
    conditions: NDArray[np.float32]
    """(lead + bars, CONDITION)"""
    lead: int


def ask(sequences: list[Sequence], bars: int, seed: int, lead: int = LEAD) -> list[Asked]:
    """Return one excerpt, drawn at random, of each sequence that has any of ``bars`` bars."""
    generator = np.random.default_rng(seed)
    asked = []
    for sequence in sequences:
        places = list(places_of(sequence.conditions, bars, 1))
        if not places:
            continue
        first = int(generator.choice(places))
        metres = metres_of(sequence.conditions)
        before = min(lead, first)
        while not (metres[first - before : first] == metres[first]).all():
            before -= 1
        real = cut(notes_of(sequence), first, bars, BAR_STEPS[metres[first]])
        conditions = sequence.conditions[first - before : first + bars]
        asked.append(Asked(real, sequence.piece, conditions, before))
    return asked


def answer(
    network: ComposerNetwork,
    asked: list[Asked],
    seed: int,
    temper: Temper = Temper(),
    batch: int = 64,
) -> list[Excerpt]:
    """Return an excerpt for each that was asked, of as many bars and in the same metre."""
    order = sorted(range(len(asked)), key=lambda index: -len(asked[index].real.notes))
    answers: dict[int, Excerpt] = {}
    generator = torch.Generator().manual_seed(seed)
    for begin in range(0, len(order), batch):
        chosen = order[begin : begin + batch]
        rows = _write(network, [asked[index] for index in chosen], temper, generator)
        answers.update(zip(chosen, rows, strict=True))
    return [answers[index] for index in range(len(asked))]


class _Rows:
    """B bars being written side by side: where each has come to."""

    def __init__(self, asked: list[Asked]) -> None:
        rows = len(asked)
        self.lengths = np.array([one.real.bar_steps for one in asked])
        self.last_bar = np.array([len(one.conditions) for one in asked])
        self.bar = np.zeros(rows, dtype=np.int64)
        self.place = np.zeros(rows, dtype=np.int64)
        self.symbol = np.full(rows, SYMBOLS)
        self.chord = np.full(rows, NO_SYMBOL)
        self.events = np.zeros(rows, dtype=np.int64)
        self.ringing = Ringing.silence(rows)

    @property
    def done(self) -> NDArray[np.bool_]:
        """Return (B,): whose last bar has ended."""
        ended: NDArray[np.bool_] = self.bar >= self.last_bar
        return ended

    def places(self) -> NDArray[np.bool_]:
        """Return (B, PLACES): where the next event may stand."""
        grid = np.arange(PLACES)
        lowest = self.place + (self.symbol == 0)  # nothing goes below the lowest pitch
        mask: NDArray[np.bool_] = (grid >= lowest[:, None]) & (grid < self.lengths[:, None])
        mask[self.events >= MOST_EVENTS] = False
        mask[:, BAR] = True
        return mask

    def symbols(self, places: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return (B, SYMBOLS): what may stand at ``places`` (B,)."""
        below = np.where(places == self.place, self.symbol, NO_SYMBOL)
        mask: NDArray[np.bool_] = np.arange(SYMBOLS) < np.minimum(below, NO_SYMBOL)[:, None]
        return mask

    def write(self, event: NDArray[np.int64]) -> None:
        """Go on by ``event`` (B, 3); rows whose event is BAR begin their next bar."""
        ended = event[:, 0] == BAR
        self.bar += ended & ~self.done
        for row in np.flatnonzero(ended).tolist():
            self.ringing.bar_line(row, int(self.lengths[row]))
        for row in np.flatnonzero(event[:, 1] < PITCHES).tolist():
            self.ringing.strike(row, *event[row].tolist())
        self.place = np.where(ended, 0, event[:, 0])
        self.symbol = np.where(ended, SYMBOLS, event[:, 1])
        self.events = np.where(ended, 0, self.events + 1)
        is_chord = (event[:, 1] >= PITCHES) & (event[:, 1] < NO_SYMBOL)
        self.chord = np.where(is_chord, event[:, 1], self.chord)


def _write(
    network: ComposerNetwork, asked: list[Asked], temper: Temper, generator: torch.Generator
) -> list[Excerpt]:
    rows = _Rows(asked)
    notes: list[list[tuple[int, int, int, int]]] = [[] for _ in asked]
    for bars, events in _events(network, asked, rows, temper, generator):
        for row in np.flatnonzero((events[:, 1] < PITCHES) & ~rows.done):
            place, symbol, duration = events[row].tolist()
            length = int(DURATION_STEPS[duration])
            notes[row].append((int(bars[row]), place, length, symbol + LOWEST_PITCH))
    return [
        cut(
            np.array(table, dtype=np.int32).reshape(-1, 4),
            one.lead, one.real.bars, one.real.bar_steps,
        )
        for table, one in zip(notes, asked, strict=True)
    ]  # fmt: skip


def _events(
    network: ComposerNetwork,
    asked: list[Asked],
    rows: _Rows,
    temper: Temper,
    generator: torch.Generator,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield (B,) bars and (B, 3) events until every row is done."""
    network.eval()
    device = next(network.parameters()).device
    longest = max(len(one.conditions) for one in asked)
    table = torch.stack([_padded(one.conditions, longest) for one in asked]).to(device)
    carried = network.nothing(len(asked), device)
    event = np.tile(np.array([BAR, NO_SYMBOL, NO_DURATION]), (len(asked), 1))
    over = rows.ringing.at(rows.place)
    while not rows.done.all():
        bars = np.minimum(rows.bar, rows.last_bar - 1)
        heard = torch.from_numpy(np.column_stack([event, rows.chord, over])).to(device)
        wish = table[torch.arange(len(asked)), torch.from_numpy(bars).to(device)]
        with torch.no_grad():
            out, carried = network(heard.long()[:, None], wish[:, None], carried)
            event, over = _next_event(network, out[:, 0], rows, temper, generator)
        yield rows.bar, event
        rows.write(event)
        line = event[:, 0] == BAR  # at a bar line, what rings over it
        over[line] = rows.ringing.at(rows.place)[line]


def _padded(conditions: NDArray[np.float32], bars: int) -> Tensor:
    return torch.from_numpy(np.pad(conditions, ((0, bars - len(conditions)), (0, 0))))


def _next_event(
    network: ComposerNetwork, out: Tensor, rows: _Rows, temper: Temper, generator: torch.Generator
) -> tuple[NDArray[np.int64], Flags]:
    """Return (B, 3): place, symbol, duration class; BAR, NO_SYMBOL, NO_DURATION at a bar's end.

    And (B, PITCHES): what sounds at the place already.
    """
    place = _draw(network.place_logits(out), rows.places(), temper, generator)
    ended = place == BAR
    legal = rows.symbols(place.numpy())
    legal[ended.numpy()] = True  # their draw is not used
    over = rows.ringing.at(place.numpy())
    logits = network.symbol_logits(out, place.to(out.device), torch.from_numpy(over).to(out.device))
    symbol = _draw(logits, legal, temper, generator)
    lengths = network.duration_logits(out, place.to(out.device), symbol.to(out.device))
    some = np.ones(lengths.shape, dtype=np.bool_)
    some[:, NO_DURATION] = False
    duration = _draw(lengths, some, temper, generator)
    symbol[ended] = NO_SYMBOL
    duration[symbol >= PITCHES] = NO_DURATION
    return torch.stack([place, symbol, duration], dim=1).numpy(), over


def _draw(
    logits: Tensor, legal: NDArray[np.bool_], temper: Temper, generator: torch.Generator
) -> Tensor:
    """Return (B,) int64 on the CPU: one index a row among the legal ones."""
    cold = logits.double().cpu() / temper.temperature
    chances = cold.masked_fill(~torch.from_numpy(legal), -torch.inf).softmax(dim=-1)
    if temper.nucleus < 1.0:
        ranked, order = chances.sort(dim=-1, descending=True)
        ranked[ranked.cumsum(dim=-1) - ranked >= temper.nucleus] = 0.0
        chances = torch.zeros_like(chances).scatter_(-1, order, ranked)
    return torch.multinomial(chances, 1, generator=generator)[:, 0]
