"""Sampling one bar: several candidates side by side through the network, each under its rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.bar_rules import BarRules, Draft
from firmware_py.compose.network import Hearing, Ids, Logits, Network
from firmware_py.compose.vocabulary import BAR, NO_DURATION, NO_SYMBOL, PITCHES

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Temper:
    """How boldly the model is sampled."""

    place: float = 0.9
    chord: float = 1.1
    symbol: float = 0.9
    duration: float = 0.8
    nucleus: float = 0.92
    """Only the likeliest events that together have this probability are drawn from."""


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
    while not all(draft.done for draft in drafts):
        listening = np.array([not draft.done for draft in drafts])
        logits = network.step(hearing, heard, condition, listening)
        places = _draw(logits, [d.places() for d in drafts], drafts, random, temper, temper.place)
        for draft, place in zip(drafts, places, strict=True):
            draft.done = draft.done or place == BAR
        if all(draft.done for draft in drafts):
            break
        what = [d.symbols(int(p)) for d, p in zip(drafts, places, strict=True)]
        warmth = [[temper.chord if mask[PITCHES:].any() else temper.symbol] for mask in what]
        symbols = _draw(
            network.symbol(hearing, places), what, drafts, random, temper, np.array(warmth)
        )
        lengths = _draw(
            network.duration(hearing, places, symbols),
            [
                d.durations(int(p), int(s))
                for d, p, s in zip(drafts, places, symbols, strict=True)
            ],
            drafts, random, temper, temper.duration,
        )  # fmt: skip
        for index, draft in enumerate(drafts):
            if not draft.done:
                draft.write(int(places[index]), int(symbols[index]), int(lengths[index]))
                heard[index] = *draft.events[-1], draft.chord
    return Candidates(tuple(drafts), hearing)


def _draw(
    logits: Logits,
    masks: list[Mask],
    drafts: list[Draft],
    random: np.random.Generator,
    temper: Temper,
    temperature: float | NDArray[np.float64],
) -> Ids:
    """Draw one index a row among the allowed; add its nats to the draft.

    ``temperature``: one, or one a row (K, 1).
    """
    allowed = np.stack(masks)
    allowed[~allowed.any(axis=1), 0] = True  # finished rows only: their draw is not used
    cold = np.where(allowed, logits / temperature, -np.inf).astype(np.float64)
    cold -= cold.max(axis=1, keepdims=True)
    chances = np.exp(cold)
    chances /= chances.sum(axis=1, keepdims=True)
    order = np.argsort(-chances, axis=1, kind="stable")
    ranked = np.take_along_axis(chances, order, axis=1)
    ranked[np.cumsum(ranked, axis=1) - ranked >= temper.nucleus] = 0.0
    cumulative = np.cumsum(ranked, axis=1)
    drawn = (random.random((len(masks), 1)) * cumulative[:, -1:] >= cumulative).sum(axis=1)
    drawn = np.minimum(drawn, (ranked > 0).sum(axis=1) - 1)
    chosen = np.take_along_axis(order, drawn[:, None], axis=1)[:, 0]
    for index, draft in enumerate(drafts):
        if not draft.done:
            draft.nats -= float(np.log(chances[index, chosen[index]]))
    return chosen.astype(np.int64)
