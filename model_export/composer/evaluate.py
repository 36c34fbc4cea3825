"""What exported graphs pay for music, and music as the device writes it, for measuring."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from scipy.special import log_softmax, softmax

from firmware_py.compose.model import ModelComposer
from firmware_py.compose.network import Hearing, Logits, Network
from firmware_py.compose.vocabulary import BAR, NO_SYMBOL, PITCHES
from firmware_py.messages.mood import Mood, MoodLabel, label_position
from firmware_py.messages.plan import Goal
from firmware_py.messages.score import Bar
from firmware_py.plan.planner import make_plan
from model_export.composer.batches import evaluation_batches
from model_export.composer.network import ComposerNetwork
from model_export.composer.sequences import Sequence


class Foretold(NamedTuple):
    """What graphs expect before an event comes, and what came."""

    place: Logits
    """(PLACES,)"""
    symbol: Logits | None
    """(SYMBOLS,); None where a bar ends."""
    duration: Logits | None
    """(DURATIONS,); None where nothing lasts."""
    event: tuple[int, int, int]


def graph_likelihood(folder: Path, sequences: list[Sequence]) -> float:
    """Return nats a note of the graphs that the device runs, over whole sequences."""
    network = Network(folder)
    nats, notes = 0.0, 0
    for sequence in sequences:
        for one in foretold(network, sequence):
            parts = zip((one.place, one.symbol, one.duration), one.event, strict=True)
            nats += sum(_nats(logits, came) for logits, came in parts if logits is not None)
            notes += int(one.event[1] < PITCHES)
    return nats / notes


def parity(network: ComposerNetwork, folder: Path, sequence: Sequence) -> dict[str, float]:
    """Return the largest difference of a probability between torch and the graphs, part by part.

    Torch reads ``sequence`` as in training, the graphs event by event as the device does; it
    should be no longer than ``network`` remembers.
    """
    network.eval()
    (batch,) = evaluation_batches([sequence], 1, len(sequence.events) - 1)
    target = batch.target[0]
    known = target[:, 0], target[:, 1]
    with torch.no_grad():
        out = network(batch.events, batch.conditions, network.nothing(1))[0][0]
        expected = {
            "place": network.place_logits(out),
            "symbol": network.symbol_logits(out, known[0], target[:, 4:]),
            "duration": network.duration_logits(out, *known),
        }
    chances = {name: logits.softmax(dim=-1).numpy() for name, logits in expected.items()}
    worst = dict.fromkeys(chances, 0.0)
    for row, one in enumerate(foretold(Network(folder), sequence)):
        for name in worst:
            logits = getattr(one, name)
            if logits is not None:
                apart = np.abs(softmax(logits) - chances[name][row]).max()
                worst[name] = max(worst[name], float(apart))
    return worst


def foretold(network: Network, sequence: Sequence) -> Iterator[Foretold]:
    """Yield what the graphs expect before every event but the first, as the device runs them."""
    past = network.start()
    for first, last in pairwise(np.flatnonzero(sequence.events[:, 0] == BAR).tolist()):
        hearing = Hearing(past, 1, last - first)
        for row in range(first, last):
            yield _next(network, hearing, sequence, row)
        past = hearing.chosen(0, 0)  # what rings is the sequence's own


def _next(network: Network, hearing: Hearing, sequence: Sequence, row: int) -> Foretold:
    """Hear the event at ``row``; return what is expected of the one after it."""
    heard = sequence.events[row : row + 1].astype(np.int64)
    condition = sequence.conditions[sequence.bar_of[row]]
    rings = np.unpackbits(sequence.ringing[row : row + 2], axis=1, count=PITCHES)
    now, then = rings[:1].astype(np.float32), rings[1:].astype(np.float32)
    places = network.step(hearing, heard, now, condition, np.ones(1, dtype=np.bool_))[0]
    target = sequence.events[row + 1 : row + 2].astype(np.int64)
    place, symbol = target[:, 0], target[:, 1]
    symbols = durations = None
    if symbol[0] != NO_SYMBOL:
        out = hearing.state[1]
        symbols = network.symbol(out, place, then)[0]
        if symbol[0] < PITCHES:
            durations = network.duration(out, place, symbol)[0]
    at, what, lasting = target[0, :3].tolist()
    return Foretold(places, symbols, durations, (at, what, lasting))


def _nats(logits: Logits, came: int) -> float:
    return float(-log_softmax(logits.astype(np.float64))[came])


def session(
    network: Network, label: MoodLabel, goal: Goal, minutes: float, seed: int
) -> tuple[Bar, ...]:
    """Return a whole session from a mood to a goal, ending on its tonic."""
    plan = make_plan(Mood(label, *label_position(label)), goal, minutes)
    composer = ModelComposer(network, seed, plan.bars[0])
    last = len(plan.bars) - 1
    return tuple(composer.next_bar(t, last - index) for index, t in enumerate(plan.bars))
