"""The composer's evaluation table: one dictionary of figures, each with what it is beside."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from firmware_py.compose.network import MEMORY, Network
from firmware_py.messages.errors import UserError
from model_export.baselines import result
from model_export.baselines.bigram import Bigram
from model_export.baselines.corpus import Corpus
from model_export.baselines.score import PieceScore, by_piece, nats_a_note
from model_export.baselines.uncontrolled import sequence_nats
from model_export.composer import checkpoint, dataset, sessions
from model_export.composer.checkpoint import Trained
from model_export.composer.evaluate import graph_likelihood
from model_export.composer.export import export, write_manifest
from model_export.composer.sequences import Sequence
from model_export.composer.sessions import Hour
from model_export.composer.train import LEFT_OUT
from model_export.evaluation import rows
from model_export.evaluation.beside import beside
from model_export.evaluation.intervals import difference_interval, nats_interval
from model_export.evaluation.obedience import calm, obedience
from model_export.evaluation.speed import speed

ROWS: Final = (
    "likelihood", "int8", "obedience", "calm", "speed", "hours", "realism", "chorales",
)  # fmt: skip
"""What is measured, in this order; each by itself, so that a stop loses one."""
_CALM_MINUTES: Final = 15.0
_Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a table's figures come from."""

    training: Path
    """The folder of the composer's training."""
    shipped: Path
    """Its graphs."""
    corpus: Path
    """The corpus file."""
    baselines: Path
    """One folder a baseline."""
    jsb: Path
    """One folder a model of chorales."""
    pictures: Path
    """Where the hours are drawn."""


class Table:
    """Measures one row at a time; music and networks are loaded once, when first needed."""

    def __init__(self, sources: Sources, steps: int, int8_events: int, say: _Say) -> None:
        """Measure graphs that were made after so many ``steps`` of training."""
        self._sources, self._say = sources, say
        self._steps, self._int8_events = steps, int8_events

    def row(self, name: str) -> Any:
        """Return what the manifest says under ``name``, one of ``ROWS``."""
        self._say(name)
        measures: dict[str, Callable[[], Any]] = {
            "likelihood": self._likelihood,
            "int8": self._int8,
            "obedience": self._obedience,
            "calm": lambda: asdict(calm(self.network, _CALM_MINUTES)) | {"minutes": _CALM_MINUTES},
            "speed": lambda: asdict(speed(self._sources.shipped)),
            "hours": self._hours,
            "realism": self._realism,
            "chorales": lambda: chorale_figures(self._sources.jsb),
        }
        return measures[name]()

    def _likelihood(self) -> dict[str, Any]:
        return likelihoods(self.trained, self.known, self._sources.baselines)

    def _int8(self) -> dict[str, float]:
        few = _first(of_split(self.known, "test"), self._int8_events)
        return int8_cost(self.trained, self._sources.shipped, few)

    def _obedience(self) -> dict[str, Any]:
        found = obedience(self.network)
        means = {"mean_own": found.mean_own, "mean_leakage": found.mean_leakage}
        return asdict(found) | means

    def _hours(self) -> list[dict[str, Any]]:
        self._sources.pictures.mkdir(parents=True, exist_ok=True)
        for hour in self.hours:
            sessions.draw(hour, f"model {self.network.sha256[:12]}", self._sources.pictures)
        return [sessions.figures(hour) for hour in self.hours]

    def _realism(self) -> dict[str, Any]:
        return realism(self.trained, self.known, self._sources, self.hours, self._say)

    @cached_property
    def trained(self) -> Trained:
        """The network; it looks back as far as the device remembers, further than in training.

        Raises ``UserError`` when it is not the one that the graphs were made of.
        """
        trained = checkpoint.load(self._sources.training)
        if trained.step != self._steps:
            raise UserError(
                f"{self._sources.shipped} was made after {self._steps} steps, "
                f"{self._sources.training} has {trained.step}: run python -m model_export export "
                "first."
            )
        trained.network.trunk.memory = MEMORY
        return trained

    @cached_property
    def known(self) -> list[Sequence]:
        """All sequences of the textures that it was trained on."""
        every = dataset.load(self._sources.training / "sequences.npz")
        return [s for s in every if s.texture not in LEFT_OUT]

    @cached_property
    def network(self) -> Network:
        """The graphs."""
        return Network(self._sources.shipped)

    @cached_property
    def hours(self) -> list[Hour]:
        """The three sessions."""
        return sessions.hours(self.network)


def of_split(sequences: list[Sequence], split: str) -> list[Sequence]:
    """Return those of ``train``, ``validation`` or ``test``."""
    return [s for s in sequences if s.split == split]


def int8_cost(trained: Trained, shipped: Path, few: list[Sequence]) -> dict[str, float]:
    """Return nats a note of the shipped graphs and of the same in fp32, both as the device runs."""
    with tempfile.TemporaryDirectory() as folder:
        export(trained.network, Path(folder), quantised=False)
        write_manifest(Path(folder), {})
        fp32 = graph_likelihood(Path(folder), few)
    int8 = graph_likelihood(shipped, few)
    return {"fp32": fp32, "int8": int8, "worse_by": int8 / fp32 - 1.0}


def realism(
    trained: Trained, known: list[Sequence], sources: Sources, hours: list[Hour], say: _Say
) -> dict[str, Any]:
    """Return how the music compares with the test works: the hours' and the baselines' too."""
    train, test = of_split(known, "train"), of_split(known, "test")
    others = beside(sources.baselines, Corpus(train, [], test), rows.EXCERPT_BARS, say)
    bars = {hour.name: hour.bars for hour in hours}
    works = rows.works_of(sources.corpus)
    return rows.realism(trained.network, [*train, *test], works, bars, beside=others, say=say)


def chorale_figures(folder: Path) -> list[dict[str, Any]]:
    """Return the results that ``python -m model_export jsb`` left in ``folder``."""
    found = []
    for path in sorted(folder.glob("*/result.json")):
        content = json.loads(path.read_text("utf-8"))
        mixture = content["mixture"]
        found += [
            _chorale_row(content["model"], content),
            _chorale_row(f"{content['model']}, mean of {mixture['networks']}", mixture),
        ]
    return found


def _chorale_row(name: str, measured: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": name,
        "validation": measured["validation"]["total"],
        "test": measured["test"]["total"],
        "parameters": measured["parameters"],
        "minutes": measured["cpu_minutes"],
    }


def likelihoods(trained: Trained, known: list[Sequence], baselines: Path) -> dict[str, Any]:
    """Return a row for each model, ours first; the others' share of its nats with an interval."""
    test = of_split(known, "test")
    minutes = trained.minutes
    parameters = sum(p.numel() for p in trained.network.parameters())
    nats = sequence_nats(trained.network, test, controls=True)
    place, symbol, duration = nats.sum(axis=0) / sum(s.notes for s in test)
    asked = _scores(test, nats)
    free = _scores(test, sequence_nats(trained.network, test, controls=False))
    found = [
        _row("this model, controls given", asked, asked, minutes, parameters)
        | {"place": float(place), "symbol": float(symbol), "duration": float(duration)},
        _row("this model, controls withheld", free, asked, minutes, parameters),
    ]
    for folder in sorted(path.parent for path in baselines.glob("*/result.json")):
        other = result.read(folder)
        found.append(_row(other.name, other.pieces, asked, other.cpu_minutes, other.parameters))
    if not any(row["name"] == "bigram" for row in found):
        counted = Bigram.count(of_split(known, "train")).likelihood(test)
        found.append({"name": "bigram", "nats": counted.total})
    return {"works": len({s.piece for s in test}), "models": found}


def _scores(test: list[Sequence], nats: NDArray[np.float64]) -> tuple[PieceScore, ...]:
    return by_piece([s.piece for s in test], nats.sum(axis=1), [s.notes for s in test])


def _row(
    name: str,
    scores: tuple[PieceScore, ...],
    ours: tuple[PieceScore, ...],
    minutes: float,
    parameters: int,
) -> dict[str, Any]:
    return {
        "name": name,
        "nats": nats_a_note(scores),
        "interval": nats_interval(scores),
        "ours_share": difference_interval(ours, scores),
        "minutes": minutes,
        "parameters": parameters,
    }


def _first(sequences: list[Sequence], events: int) -> list[Sequence]:
    chosen: list[Sequence] = []
    for sequence in sequences:
        chosen.append(sequence)
        events -= len(sequence.events)
        if events <= 0:
            break
    return chosen
