"""Measuring the composer: likelihood, what int8 costs, obedience, and what the music is like."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from firmware_py.compose.model import ModelComposer
from firmware_py.compose.network import Hearing, Network
from firmware_py.compose.vocabulary import BAR, DURATION_STEPS, NO_SYMBOL, PITCHES
from firmware_py.messages.plan import BarTarget
from firmware_py.messages.score import CHORD_INTERVALS, Bar
from model_export.composer.sequences import Sequence

MIDDLE: Final = BarTarget(
    bar=0, start_s=0.0, tempo=66.0, density=1.25, register=62.0, dynamics=0.4, mode=0.5,
    tension=0.2, brightness=0.4, swell=0.5,
)  # fmt: skip
GRIDS: Final[dict[str, tuple[float, ...]]] = {
    "density": (0.5, 0.75, 1.0, 1.5, 2.0, 3.0),
    "register": (54.0, 57.0, 60.0, 63.0, 66.0, 69.0),
    "mode": (-1.0, -0.6, -0.3, 0.3, 0.6, 1.0),
    "tension": (0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
}


def int8_likelihood(folder: Path, sequences: list[Sequence], most_events: int) -> float:
    """Return nats a note of the graphs that the device runs, over the first events given."""
    network = Network(folder)
    nats, notes, seen = 0.0, 0, 0
    always = np.ones(1, dtype=np.bool_)
    for sequence in sequences:
        past = network.start()
        for first, last in pairwise(np.flatnonzero(sequence.events[:, 0] == BAR).tolist()):
            hearing = Hearing(past, 1, last - first)
            condition = sequence.conditions[sequence.bar_of[first]]
            for row in range(first, last):
                event, target = sequence.events[row : row + 1], sequence.events[row + 1]
                logits = network.step(hearing, event.astype(np.int64), condition, always)
                place = target[:1].astype(np.int64)
                nats += _nats(logits, int(target[0]))
                if target[1] != NO_SYMBOL:
                    symbol = target[1:2].astype(np.int64)
                    nats += _nats(network.symbol(hearing.state[1], place), int(target[1]))
                    if target[1] < PITCHES:
                        out = hearing.state[1]
                        nats += _nats(network.duration(out, place, symbol), int(target[2]))
                        notes += 1
            past = hearing.chosen(0)
        seen += len(sequence.events)
        if seen >= most_events:
            break
    return nats / notes


def _nats(logits: NDArray[np.float32], chosen: int) -> float:
    row = logits[0].astype(np.float64)
    top = row.max()
    return float(top + np.log(np.exp(row - top).sum()) - row[chosen])


def compose(network: Network, seed: int, targets: list[BarTarget]) -> list[Bar]:
    """Return one bar for each target, ending at the last."""
    composer = ModelComposer(network, seed, targets[0])
    return [composer.next_bar(t, len(targets) - 1 - i) for i, t in enumerate(targets)]


def measured(bars: list[Bar]) -> dict[str, float]:
    """Return what the music is like, in the plan's own terms."""
    notes = [note for bar in bars for note in bar.notes]
    onsets = sum(len({note.start for note in bar.notes}) for bar in bars)
    leads = sum(bar.key.mode == "major" for bar in bars) / len(bars)
    return {
        "density": onsets / len(bars) / 4.0,
        "register": float(np.mean([note.pitch for note in notes])),
        "mode": 2.0 * leads - 1.0,
        "tension": _tension(bars),
        "notes_in_a_bar": len(notes) / len(bars),
    }


def _tension(bars: list[Bar]) -> float:
    """Return the share of sounding time on notes foreign to the chord in force."""
    outside = total = 0.0
    for bar in bars:
        for note in bar.notes:
            chord = [c for c in bar.chords if c.start <= note.start][-1]
            inside = (note.pitch - chord.root) % 12 in CHORD_INTERVALS[chord.quality][:3]
            outside += 0.0 if inside else note.duration
            total += note.duration
    return outside / total


@dataclass(frozen=True, slots=True)
class Obedience:
    """Spearman's correlation of asked and got, a bar set to each asked value, over seeds."""

    target: str
    asked: tuple[float, ...]
    got: tuple[float, ...]
    """Mean over the seeds."""
    correlation: float


def obedience(network: Network, seeds: int = 4, bars: int = 16) -> list[Obedience]:
    """Ask for a grid of values of each target, all else in the middle, and measure the music."""
    rows = []
    for name, values in GRIDS.items():
        asked, got = [], []
        for value in values:
            target = replace(MIDDLE, **{name: value})  # type: ignore[arg-type]  # names are floats'
            for seed in range(seeds):
                music = compose(network, seed, [replace(target, bar=i) for i in range(bars)])
                asked.append(value)
                got.append(measured(music)[name])
        means = tuple(float(np.mean(got[i : i + seeds])) for i in range(0, len(got), seeds))
        rho = float(spearmanr(asked, got).statistic)
        rows.append(Obedience(name, values, means, rho))
    return rows


def scale_share(bars: list[Bar]) -> float:
    """Return the share of sounding time on notes of the bar's key (minor: natural and raised)."""
    degrees = {"major": {0, 2, 4, 5, 7, 9, 11}, "minor": {0, 2, 3, 5, 7, 8, 9, 10, 11}}
    inside = total = 0
    for bar in bars:
        for note in bar.notes:
            inside += note.duration * ((note.pitch - bar.key.tonic) % 12 in degrees[bar.key.mode])
            total += note.duration
    return inside / total


def leap_share(bars: list[Bar]) -> float:
    """Return the share of steps of the melody that are wider than a fourth."""
    tune = [note.pitch for bar in bars for note in bar.notes if note.role == "melody"]
    leaps = [abs(b - a) > 5 for a, b in pairwise(tune)]
    return float(np.mean(leaps)) if leaps else 0.0


def step_share(bars: list[Bar]) -> float:
    """Return the share of the melody's motion by one or two semitones: 1 is a scale-walk."""
    tune = [note.pitch for bar in bars for note in bar.notes if note.role == "melody"]
    moves = [abs(b - a) in {1, 2} for a, b in pairwise(tune)]
    return float(np.mean(moves)) if moves else 0.0


def longest_copy(bars: list[Bar], corpus: list[Sequence]) -> int:
    """Return the longest run of the melody's (interval, duration) found in the training tunes."""
    tune = [(n.pitch, n.duration) for b in bars for n in b.notes if n.role == "melody"]
    own = [(b[0] - a[0], b[1]) for a, b in pairwise(tune)]
    best = 0
    known = {length: _grams(corpus, length) for length in (6, 8, 10, 12, 16, 24)}
    for length, grams in known.items():
        runs = {tuple(own[i : i + length]) for i in range(len(own) - length + 1)}
        if runs & grams:
            best = length
    return best


def _grams(corpus: list[Sequence], length: int) -> set[tuple[tuple[int, int], ...]]:
    grams: set[tuple[tuple[int, int], ...]] = set()
    for sequence in corpus:
        tops = _top_line(sequence)
        line = [(int(b[1] - a[1]), int(DURATION_STEPS[b[2]])) for a, b in pairwise(tops)]
        grams.update(tuple(line[i : i + length]) for i in range(len(line) - length + 1))
    return grams


def _top_line(sequence: Sequence) -> list[NDArray[np.int16]]:
    """Return the highest note of each onset."""
    line: list[NDArray[np.int16]] = []
    before = (-1, -1)
    for row, bar in zip(sequence.events, sequence.bar_of, strict=True):
        if row[1] < PITCHES and (int(bar), int(row[0])) != before:
            before = (int(bar), int(row[0]))
            line.append(row)
    return line
