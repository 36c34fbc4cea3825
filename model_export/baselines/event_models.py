"""The baselines that read our own events: our network by the same budget, and counting.

``uncontrolled`` is our network that is never told a control; ``controlled`` is the same with the
controls, trained on the same works for the same CPU time, so that the two differ in nothing else
and neither has the longer training or the calm last part of the shipped model. Of both the last
checkpoint is measured, not the best: the training watches validation works with their controls,
which says nothing of a network that never hears one, and the rate has fallen to nothing by then.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from collections.abc import Sequence as Many
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Final, Literal

import numpy as np

from firmware_py.messages.errors import MissingError
from model_export.baselines.bigram import Bigram, BigramEvents
from model_export.baselines.corpus import Corpus
from model_export.baselines.event_sampler import EventSampler
from model_export.baselines.excerpt import Opening
from model_export.baselines.result import Result
from model_export.baselines.score import by_piece
from model_export.baselines.uncontrolled import UncontrolledEvents, sequence_nats
from model_export.composer import checkpoint
from model_export.composer.hyperparameters import Hyperparameters
from model_export.composer.sequences import Sequence
from model_export.composer.train import Training

OwnModel = Literal["uncontrolled", "controlled"]

NUMBERS: Final[dict[OwnModel, Hyperparameters]] = {
    "uncontrolled": replace(Hyperparameters(), condition_dropout=1.0, calm_share=0.0),
    "controlled": replace(Hyperparameters(), calm_share=0.0),
}
_LAST: Final = "checkpoint.pt"
_EVERY: Final = 150  # steps between two looks at the validation works


def train(
    name: OwnModel,
    corpus: Corpus,
    minutes: float,
    folder: Path,
    say: Callable[[str], None],
    clock: Callable[[], float] = time.process_time,
    numbers: Hyperparameters | None = None,
) -> Result:
    """Train our network until so many minutes by the clock are spent, then measure."""
    numbers = numbers or NUMBERS[name]
    training = Training(folder, numbers, clock=clock)
    if training.resume():
        say(f"resumed at step {training.step}, {training.spent_s / 60:.1f} minutes spent")
    if training.spent_s < 60.0 * minutes:
        training.run(corpus.train, corpus.watched, 60.0 * minutes, say, every=_EVERY)
    say("measuring the test works")
    network = checkpoint.load(folder, _LAST).network
    nats = sequence_nats(network, corpus.test, controls=name == "controlled").sum(axis=1)
    parameters = sum(p.numel() for p in network.parameters())
    spent = training.spent_s / 60.0
    return _result(name, corpus.test, nats, parameters, spent, asdict(numbers))


def count(corpus: Corpus) -> Result:
    """Count the bigrams of the train works, then measure."""
    bigram = Bigram.count(corpus.train)
    nats = np.array([bigram.nats(sequence).sum() for sequence in corpus.test])
    return _result("bigram", corpus.test, nats, bigram.parameters, 0.0, {"seed": 0})


def uncontrolled_sampler(folder: Path, openings: Many[Opening]) -> EventSampler:
    """Return what composes with a trained network, no control given.

    Raises ``MissingError`` when there is none.
    """
    if not (folder / _LAST).exists():
        raise MissingError(
            f"no trained baseline in {folder}.", fix="python -m model_export baselines"
        )
    return EventSampler(
        partial(UncontrolledEvents, checkpoint.load(folder, _LAST).network), openings
    )


def bigram_sampler(corpus: Corpus, openings: Many[Opening]) -> EventSampler:
    """Return what composes by counted chances."""
    bigram = Bigram.count(corpus.train)
    return EventSampler(lambda _: BigramEvents(bigram), openings)


def _result(
    name: str,
    test: list[Sequence],
    nats: np.ndarray[tuple[int], np.dtype[np.float64]],
    parameters: int,
    minutes: float,
    numbers: dict[str, int | float],
) -> Result:
    notes = [sequence.notes for sequence in test]
    events = sum(len(sequence.events) - 1 for sequence in test)
    pieces = by_piece([sequence.piece for sequence in test], nats, notes)
    return Result(
        name, pieces, parameters, minutes, int(numbers["seed"]), events / sum(notes), numbers
    )
