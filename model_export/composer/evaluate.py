"""What exported graphs pay for music, and music as the device writes it, for measuring."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.model import ModelComposer
from firmware_py.compose.network import Hearing, Network
from firmware_py.compose.vocabulary import BAR, NO_SYMBOL, PITCHES
from firmware_py.messages.mood import Mood, MoodLabel, label_position
from firmware_py.messages.plan import Goal
from firmware_py.messages.score import Bar
from firmware_py.plan.planner import make_plan
from model_export.composer.sequences import Sequence


def graph_likelihood(folder: Path, sequences: list[Sequence]) -> float:
    """Return nats a note of the graphs that the device runs, over whole sequences."""
    network = Network(folder)
    nats, notes = 0.0, 0
    for sequence in sequences:
        past = network.start()
        for first, last in pairwise(np.flatnonzero(sequence.events[:, 0] == BAR).tolist()):
            hearing = Hearing(past, 1, last - first)
            for row in range(first, last):
                nats += _event_nats(network, hearing, sequence, row)
                notes += int(sequence.events[row + 1, 1] < PITCHES)
            past = hearing.chosen(0)
    return nats / notes


def _event_nats(network: Network, hearing: Hearing, sequence: Sequence, row: int) -> float:
    """Hear the event at ``row``; return the nats of the one after it."""
    heard = sequence.events[row : row + 1].astype(np.int64)
    condition = sequence.conditions[sequence.bar_of[row]]
    logits = network.step(hearing, heard, condition, np.ones(1, dtype=np.bool_))
    target = sequence.events[row + 1 : row + 2].astype(np.int64)
    place, symbol, duration = target[:, 0], target[:, 1], target[:, 2]
    nats = _nats(logits, int(place[0]))
    if symbol[0] != NO_SYMBOL:
        out = hearing.state[1]
        nats += _nats(network.symbol(out, place), int(symbol[0]))
        if symbol[0] < PITCHES:
            nats += _nats(network.duration(out, place, symbol), int(duration[0]))
    return nats


def _nats(logits: NDArray[np.float32], chosen: int) -> float:
    row = logits[0].astype(np.float64)
    top = row.max()
    return float(top + np.log(np.exp(row - top).sum()) - row[chosen])


def session(
    network: Network, label: MoodLabel, goal: Goal, minutes: float, seed: int
) -> tuple[Bar, ...]:
    """Return a whole session from a mood to a goal, ending on its tonic."""
    plan = make_plan(Mood(label, *label_position(label)), goal, minutes)
    composer = ModelComposer(network, seed, plan.bars[0])
    last = len(plan.bars) - 1
    return tuple(composer.next_bar(t, last - index) for index, t in enumerate(plan.bars))
