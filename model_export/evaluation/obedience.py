"""Obedience: does the music do what the plan asks, bar by bar, and nothing else with it.

All four targets that the composer itself must meet (tempo, dynamics, brightness and swell are the
renderer's and exact) are read from the written notes of the device's own music.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata, spearmanr

from firmware_py.compose import controls
from firmware_py.compose.asked import asked_of
from firmware_py.compose.likeness import Heard
from firmware_py.compose.model import ModelComposer
from firmware_py.compose.network import Network
from firmware_py.messages.mood import MOOD_LABELS, Mood, label_position
from firmware_py.messages.plan import BEATS_PER_BAR, GOALS, BarTarget
from firmware_py.messages.score import STEPS_PER_BAR, Bar
from firmware_py.plan.planner import make_plan

TARGETS: Final = ("density", "register", "mode", "tension")
_ASKED: Final = {
    "density": (0.5, 2.5),
    "register": (54.0, 69.0),
    "mode": (-1.0, 1.0),
    "tension": (0.0, 1.0),
}
_AROUND: Final = 4  # bars before and after: one bar is too short to have a mode
TOLERANCE: Final = {
    "density": "a quarter, or one onset a bar, either way",
    "register": "three semitones either way",
    "mode": "0.5 of 2 either way over the nine bars around",
    "tension": "no more than 0.15 above",
}
"""Within which a bar counts as within the plan; our own choice."""


def got(bars: list[Bar]) -> NDArray[np.float64]:
    """Return (bars, 4): each of ``TARGETS`` as the notes have it, in the plan's own units."""
    weights = np.array([_weight(bar) for bar in bars])
    rows = []
    for index, bar in enumerate(bars):
        low = max(0, index - _AROUND)
        around = weights[low : index + _AROUND + 1].sum(axis=0)
        starts, durations, pitches = _notes(bar)
        values = controls.measure(starts, durations, pitches, STEPS_PER_BAR, Heard(), around)
        by_name = dict(zip(controls.CONTROL_NAMES, values.tolist(), strict=True))
        rows.append(
            (
                len(np.unique(starts)) / BEATS_PER_BAR,
                float(np.mean([note.pitch for note in bar.notes])),
                by_name["mode"],
                by_name["tension"],
            )
        )
    return np.array(rows)


def asked(bars: list[Bar]) -> NDArray[np.float64]:
    """Return (bars, 4): what ``got`` should be; mode and tension in the composer's measure.

    The mode is a mean over the bars around, as what is got is measured over them.
    """
    rows = []
    for bar in bars:
        wish = dict(
            zip(controls.CONTROL_NAMES, asked_of(bar.target, 0).controls.tolist(), strict=True)
        )
        rows.append((bar.target.density, bar.target.register, wish["mode"], wish["tension"]))
    table = np.array(rows)
    modes = table[:, 2].copy()
    for index in range(len(rows)):
        table[index, 2] = modes[max(0, index - _AROUND) : index + _AROUND + 1].mean()
    return table


@dataclass(frozen=True, slots=True)
class Obedience:
    """Spearman's correlations over all bars."""

    own: dict[str, float]
    """Each target asked against itself got."""
    leakage: dict[str, dict[str, float]]
    """What each target asked does to the others got: its weight in a linear regression of ranks
    on all that was asked, 0 when it moves nothing but itself, 1 when it alone decides."""
    bars: int

    @property
    def mean_own(self) -> float:
        """Mean over the targets."""
        return float(np.mean(list(self.own.values())))

    @property
    def mean_leakage(self) -> float:
        """Mean size over all pairs."""
        return float(np.mean([abs(v) for row in self.leakage.values() for v in row.values()]))


def obedience(network: Network, sessions: int = 40, blocks: int = 8, seed: int = 0) -> Obedience:
    """Ask for independent values of all targets at once, new ones every eight bars, and measure.

    Values are drawn evenly from ranges wider than any plan's. They change at phrases only, as
    themes do; the mode's own measure needs the bars around it.
    """
    random = np.random.default_rng(seed)
    wanted, heard = [], []
    for session in range(sessions):
        targets = _blocks(random, blocks)
        composer = ModelComposer(network, seed + session, targets[0])
        bars = [composer.next_bar(target, None) for target in targets]
        wanted.append(asked(bars))
        heard.append(got(bars))
    ask, hear = np.concatenate(wanted), np.concatenate(heard)
    causes, effects = (_standard_ranks(values) for values in (ask, hear))
    weights = np.linalg.lstsq(causes, effects, rcond=None)[0]  # (asked, got)
    return Obedience(
        {n: float(spearmanr(ask[:, i], hear[:, i]).statistic) for i, n in enumerate(TARGETS)},
        {
            name: {other: float(weights[i, j]) for j, other in enumerate(TARGETS) if i != j}
            for i, name in enumerate(TARGETS)
        },
        len(ask),
    )


def _standard_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the ranks of each column, mean 0 and standard deviation 1."""
    ranks = np.asarray(rankdata(values, axis=0), dtype=np.float64)
    standard: NDArray[np.float64] = (ranks - ranks.mean(axis=0)) / ranks.std(axis=0)
    return standard


def _blocks(random: np.random.Generator, blocks: int) -> list[BarTarget]:
    targets: list[BarTarget] = []
    for _ in range(blocks):
        drawn = {name: float(random.uniform(*span)) for name, span in _ASKED.items()}
        first = len(targets)
        targets.extend(
            BarTarget(
                bar=bar, start_s=0.0, tempo=66.0, dynamics=0.4, brightness=0.4, swell=0.5, **drawn
            )
            for bar in range(first, first + 8)
        )
    return targets


@dataclass(frozen=True, slots=True)
class Calm:
    """How much of planned sessions is within the plan."""

    share: float
    """Of the bars, all targets at once."""
    by_target: dict[str, float]
    worst: tuple[str, str, float]
    """Mood, goal and share of the session that obeys least."""
    sessions: int


def calm(network: Network, minutes: float = 15.0) -> Calm:
    """Compose one session for every mood and goal and count the bars within the plan."""
    kept, names = [], []
    for number, label in enumerate(MOOD_LABELS):
        for goal in GOALS:
            plan = make_plan(Mood(label, *label_position(label)), goal, minutes)
            composer = ModelComposer(network, number, plan.bars[0])
            bars = [
                composer.next_bar(target, len(plan.bars) - 1 - index)
                for index, target in enumerate(plan.bars)
            ]
            kept.append(within(bars[:-1]))  # the last bar only rings
            names.append((label, goal))
    shares = [float(rows.all(axis=1).mean()) for rows in kept]
    least = int(np.argmin(shares))
    together = np.concatenate(kept)
    return Calm(
        float(together.all(axis=1).mean()),
        dict(zip(TARGETS, together.mean(axis=0).tolist(), strict=True)),
        (*names[least], shares[least]),
        len(shares),
    )


def within(bars: list[Bar]) -> NDArray[np.bool_]:
    """Return (bars, 4): which targets each bar meets within ``TOLERANCE``."""
    ask, hear = asked(bars), got(bars)
    off = hear - ask
    return np.stack(
        [
            np.abs(off[:, 0]) <= np.maximum(0.25 * ask[:, 0], 1 / BEATS_PER_BAR) + 1e-9,
            np.abs(off[:, 1]) <= 3.0,
            np.abs(off[:, 2]) <= 0.5,
            off[:, 3] <= 0.15,
        ],
        axis=1,
    )


def _notes(bar: Bar) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Return starts, durations and pitches relative to the key signature, each (n,)."""
    signature = (bar.key.tonic + (3 if bar.key.mode == "minor" else 0)) % 12
    table = np.array([(n.start, n.duration, n.pitch - signature) for n in bar.notes], np.int32)
    return table[:, 0], table[:, 1], table[:, 2]


def _weight(bar: Bar) -> NDArray[np.float64]:
    _, durations, pitches = _notes(bar)
    return controls.pitch_class_weight(pitches, durations)
