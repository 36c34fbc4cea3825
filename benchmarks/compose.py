"""Composing: times faster than real time, and one network step in torch, fp32 and int8.

``python -m benchmarks.compose``. Speed does not depend on the weights, so the three forms of one
network of the shipped size, fresh from the seed, are timed in turn in the same run; the shipped
int8 model then writes real music.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.row import Row
from firmware_py.compose.condition import CONDITION
from firmware_py.compose.model import CANDIDATES, ModelComposer
from firmware_py.compose.network import MEMORY, Hearing, Ids, Logits, Network, Past
from firmware_py.compose.vocabulary import PITCHES
from firmware_py.config.paths import SHIPPED_MODELS
from firmware_py.messages.mood import Mood, label_position
from firmware_py.plan.planner import make_plan
from model_export.composer.export import export, write_manifest
from model_export.composer.hyperparameters import Hyperparameters
from model_export.composer.network import ComposerNetwork
from model_export.composer.steps import Step


def real_time(minutes: float = 10.0) -> Row:
    """Return how many seconds of music one core writes in a second, from anxious to sleep."""
    plan = make_plan(Mood("anxious", *label_position("anxious")), "sleep", minutes)
    composer = ModelComposer(Network(SHIPPED_MODELS / "composer"), 7, plan.bars[0])
    spent = []
    for bar in plan.bars:
        begun = time.process_time()
        composer.next_bar(bar, None)
        spent.append(time.process_time() - begun)
    seconds = sum(bar.seconds for bar in plan.bars)
    note = (
        f"{1000 * spent[0]:.0f} ms the first bar, {1000 * float(np.median(spent)):.0f} median, "
        f"{1000 * float(np.quantile(spent, 0.99)):.0f} the 99th percentile"
    )
    return Row("compose, int8, one core", seconds / sum(spent), "x real time", 50.0, note=note)


def steps(rounds: int = 300) -> list[Row]:
    """Return the median time of one step of ``CANDIDATES`` candidates in each form."""
    torch.set_num_threads(1)
    numbers = Hyperparameters()
    network = ComposerNetwork(numbers).eval()
    module = Step(network).eval()
    events = np.zeros((CANDIDATES, 4), dtype=np.int64)
    wish = np.zeros((CANDIDATES, CONDITION), dtype=np.float32)
    full = np.zeros((MEMORY, network.trunk.key.out_features), dtype=np.float32)
    state, silence = np.zeros((2, numbers.hidden), dtype=np.float32), np.zeros(PITCHES, np.int64)
    past = Past(state, full, full, silence)
    nothing = np.zeros((CANDIDATES, PITCHES), dtype=np.float32)
    always = np.ones(CANDIDATES, dtype=np.bool_)
    with tempfile.TemporaryDirectory() as scratch:
        forms: dict[str, Callable[[], object]] = {}
        for name, quantised in (("fp32", False), ("int8", True)):
            folder = Path(scratch) / name
            export(network, folder, quantised=quantised)
            write_manifest(folder, {})
            forms[name] = partial(_first_step, Network(folder), past, events, wish[0], always)
        one = Hearing(past, CANDIDATES, 1)
        own = one.keys[:0]
        inputs = tuple(
            torch.from_numpy(array)
            for array in (events, nothing, wish, one.state, full, full, own, own)
        )
        forms["torch eager"] = partial(module, *inputs)
        times = _interleaved(forms, rounds)
    return [
        Row(f"one step, {name}", 1e6 * spent, "us", note=f"{spent / times['int8']:.1f} x int8")
        for name, spent in times.items()
    ]


def _first_step(
    graph: Network, past: Past, events: Ids, wish: Logits, always: NDArray[np.bool_]
) -> object:
    one = Hearing(past, CANDIDATES, 1)
    return graph.step(one, events, one.ringing.at(events[:, 0]), wish, always)


def _interleaved(forms: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median of each, taking turns, so that noise falls on all alike."""
    spent: dict[str, list[float]] = {name: [] for name in forms}
    with torch.inference_mode():
        for _ in range(rounds):
            for name, form in forms.items():
                begun = time.perf_counter()
                form()
                spent[name].append(time.perf_counter() - begun)
    return {name: float(np.median(values)) for name, values in spent.items()}


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    for row in [real_time(), *steps()]:
        print(row.line())
