"""The composer's evaluation table: one dictionary of figures, each with what it is beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from firmware_py.compose.network import Network
from firmware_py.compose.rules import RuleComposer
from firmware_py.messages.score import Bar
from model_export.baselines.bigram import Bigram
from model_export.composer import evaluate
from model_export.composer.checkpoint import Trained
from model_export.composer.sequences import Sequence
from model_export.composer.train import LEFT_OUT, likelihood

_SESSION_BARS: Final = 64


def measure(
    trained: Trained,
    shipped: Path,
    sequences: list[Sequence],
    *,
    int8_events: int,
    seeds: int,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Return every figure of the card; minutes of work."""
    known = [s for s in sequences if s.texture not in LEFT_OUT]
    train = [s for s in known if s.split == "train"]
    test = [s for s in known if s.split == "test"]
    few = _first(test, int8_events)
    network = Network(shipped)
    say("likelihood of the test works")
    asked = likelihood(trained.network, test)
    free = likelihood(trained.network, test, controls=False)
    bigram = Bigram.count(train).likelihood(test)
    say("what int8 costs")
    fp32 = likelihood(trained.network, few).total
    int8 = evaluate.int8_likelihood(shipped, few, int8_events)
    say("obedience")
    obedient = evaluate.obedience(network, seeds)
    say("the music itself")
    return {
        "test_works": len({s.piece for s in test}),
        "nats_per_note": {
            "with controls": asdict(asked),
            "without controls": asdict(free),
            "bigram": asdict(bigram),
        },
        "int8": {"fp32": fp32, "int8": int8, "worse_by": int8 / fp32 - 1.0},
        "obedience": [asdict(row) for row in obedient],
        "music": {
            "model": _music([evaluate.compose(network, seed, _session()) for seed in range(seeds)]),
            "rules": _music([_by_rules(seed) for seed in range(seeds)]),
        },
        "longest_copied_run": max(
            evaluate.longest_copy(evaluate.compose(network, seed, _session()), train)
            for seed in range(seeds)
        ),
    }


def _first(sequences: list[Sequence], events: int) -> list[Sequence]:
    chosen: list[Sequence] = []
    for sequence in sequences:
        chosen.append(sequence)
        events -= len(sequence.events)
        if events <= 0:
            break
    return chosen


def _session() -> list[Any]:
    return [evaluate.MIDDLE] * _SESSION_BARS


def _by_rules(seed: int) -> list[Bar]:
    composer = RuleComposer(seed, evaluate.MIDDLE)
    return [
        composer.next_bar(evaluate.MIDDLE, _SESSION_BARS - 1 - bar) for bar in range(_SESSION_BARS)
    ]


def _music(sessions: list[list[Bar]]) -> dict[str, float]:
    """Return means over sessions of what the notes show."""
    bars = [bar for session in sessions for bar in session]
    return {
        "share of sounding time inside the key": evaluate.scale_share(bars),
        "share of sounding time outside the chord": evaluate.measured(bars)["tension"],
        "share of the tune's motion by step (1 is a scale-walk)": evaluate.step_share(bars),
        "share of the tune's motion wider than a fourth": evaluate.leap_share(bars),
        "notes in a bar": evaluate.measured(bars)["notes_in_a_bar"],
    }
