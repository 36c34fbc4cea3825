"""Sampling one bar: several candidates side by side through the network, each under its rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.bar_rules import BarRules, Draft
from firmware_py.compose.network import Hearing, Ids, Logits, Network
from firmware_py.compose.ringing import Flags
from firmware_py.compose.vocabulary import BAR, NO_DURATION, NO_SYMBOL, PITCHES, is_chord
from firmware_py.messages.errors import LullError

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Temper:
    """How boldly the model is sampled: the first candidate so, the others bolder in even steps."""

    place: float = 0.9
    chord: float = 1.1
    symbol: float = 0.9
    duration: float = 0.8
    nucleus: float = 0.92
    """Only the likeliest events that together have this probability are drawn from."""
    boldest: float = 1.6
    """The last candidate's temperatures are so many times as high."""
    widest: float = 0.985
    """The last candidate's nucleus."""


class _Rows(NamedTuple):
    """The temper of n candidates, (n, 1) each: a factor of all temperatures, and the nucleus."""

    heat: NDArray[np.float64]
    nucleus: NDArray[np.float64]

    def of(self, rows: Ids) -> _Rows:
        return _Rows(self.heat[rows], self.nucleus[rows])


@dataclass(frozen=True, slots=True)
class Candidates:
    """K finished drafts and what the network has heard of each."""

    drafts: tuple[Draft, ...]
    hearing: Hearing


BOLD: Final = Temper()


def write_bar(
    network: Network,
    condition: Logits,
    hearing: Hearing,
    rules: BarRules,
    chord: int,
    random: np.random.Generator,
    temper: Temper = BOLD,
) -> Candidates:
    """Write one bar K times; ``hearing`` a fresh one, ``chord`` the symbol in force before it."""
    drafts = [Draft(rules, chord) for _ in hearing.heard]
    heard: Ids = np.full((len(drafts), 4), chord, dtype=np.int64)
    heard[:, :3] = BAR, NO_SYMBOL, NO_DURATION
    boldness = _Rows(
        np.linspace(1.0, temper.boldest, len(drafts))[:, None],
        np.linspace(temper.nucleus, temper.widest, len(drafts))[:, None],
    )
    live = np.arange(len(drafts))
    listening = np.ones(len(drafts), dtype=np.bool_)
    ringing = hearing.ringing.at(np.zeros(len(drafts), dtype=np.int64))
    while True:
        logits = network.step(hearing, heard, ringing, condition, listening)[live]
        bold = boldness.of(live)
        masks = [drafts[i].places() for i in live]
        places = _draw(logits, masks, temper.place * bold.heat, bold.nucleus, random)
        going = places.chosen != BAR
        for index, nats in zip(live, places.nats, strict=True):
            drafts[index].nats += float(nats)
        for index in live[~going]:
            drafts[index].done = True
        listening[live[~going]] = False
        live, place = live[going], places.chosen[going]
        if len(live) == 0:
            return Candidates(tuple(drafts), hearing)
        writing = _Writing([drafts[i] for i in live], live, temper, boldness.of(live))
        ringing[live] = _write(network, hearing, writing, place, random)
        for index in live:
            heard[index] = *drafts[index].events[-1], drafts[index].chord


class _Writing(NamedTuple):
    """Unfinished drafts, which of the network's candidates they are, and their temper."""

    drafts: list[Draft]
    rows: Ids
    temper: Temper
    bold: _Rows


def _write(
    network: Network, hearing: Hearing, writing: _Writing, places: Ids, random: np.random.Generator
) -> Flags:
    """Add one event to each draft; return what sounded there before it, (n, PITCHES)."""
    drafts, rows, temper, bold = writing
    out = hearing.state[1][rows]
    ringing = hearing.ringing.at(places, rows)
    what = [draft.symbols(at) for draft, at in zip(drafts, places.tolist(), strict=True)]
    warmth = [[temper.chord if mask[PITCHES:].any() else temper.symbol] for mask in what]
    logits = network.symbol(out, places, ringing)
    symbols = _draw(logits, what, np.array(warmth) * bold.heat, bold.nucleus, random)
    pairs = list(zip(places.tolist(), symbols.chosen.tolist(), strict=True))
    lasting = [draft.durations(*pair) for draft, pair in zip(drafts, pairs, strict=True)]
    logits = network.duration(out, places, symbols.chosen)
    lengths = _draw(logits, lasting, temper.duration * bold.heat, bold.nucleus, random)
    for index, draft in enumerate(drafts):
        draft.nats += float(symbols.nats[index] + lengths.nats[index])
        event = (*pairs[index], int(lengths.chosen[index]))
        draft.write(*event)
        if not is_chord(event[1]):
            hearing.ringing.strike(int(rows[index]), *event)
    return ringing


class _Drawn(NamedTuple):
    chosen: Ids
    """(n,): one index a row."""
    nats: NDArray[np.float64]
    """(n,): how unlikely it was among what was allowed."""


def _draw(
    logits: Logits,
    masks: list[Mask],
    temperature: NDArray[np.float64],
    nucleus: NDArray[np.float64],
    random: np.random.Generator,
) -> _Drawn:
    """Draw one index a row among the allowed, at each row's ``temperature`` and ``nucleus`` (n, 1).

    Raises ``LullError`` where nothing is allowed.
    """
    allowed = np.stack(masks)
    if not allowed.any(axis=1).all():
        raise LullError("the composer's rules left nothing to write.")
    cold = np.where(allowed, logits / temperature, -np.inf).astype(np.float64)
    cold -= cold.max(axis=1, keepdims=True)
    chances = np.exp(cold)
    chances /= chances.sum(axis=1, keepdims=True)
    rows = np.arange(len(masks))
    order = np.argsort(-chances, axis=1, kind="stable")
    ranked = chances[rows[:, None], order]
    ranked[np.cumsum(ranked, axis=1) - ranked >= nucleus] = 0.0
    cumulative = np.cumsum(ranked, axis=1)
    drawn = (random.random((len(masks), 1)) * cumulative[:, -1:] >= cumulative).sum(axis=1)
    drawn = np.minimum(drawn, (ranked > 0).sum(axis=1) - 1)
    chosen = order[rows, drawn]
    return _Drawn(chosen.astype(np.int64), -np.log(chances[rows, chosen]))
