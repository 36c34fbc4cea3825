"""The composer's evaluation table: one dictionary of figures, each with what it is beside."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from firmware_py.compose.network import MEMORY, Network
from model_export.baselines import result
from model_export.baselines.bigram import Bigram
from model_export.baselines.corpus import Corpus
from model_export.baselines.score import PieceScore, by_piece, nats_a_note
from model_export.baselines.uncontrolled import sequence_nats
from model_export.composer.checkpoint import Trained
from model_export.composer.evaluate import graph_likelihood
from model_export.composer.export import export, write_manifest
from model_export.composer.sequences import Sequence
from model_export.composer.sessions import Hour
from model_export.composer.train import LEFT_OUT, likelihood
from model_export.evaluation import rows
from model_export.evaluation.beside import beside
from model_export.evaluation.intervals import difference_interval, nats_interval
from model_export.evaluation.obedience import calm, obedience
from model_export.evaluation.speed import speed

_CALM_MINUTES: Final = 15.0


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the table finds what it compares with."""

    corpus: Path
    """The corpus file."""
    baselines: Path
    """One folder a baseline."""


def measure(
    trained: Trained,
    shipped: Path,
    sequences: list[Sequence],
    baselines: Path,
    *,
    int8_events: int,
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Return every figure of the card but the realism and the chorales; minutes of work."""
    known = [s for s in sequences if s.texture not in LEFT_OUT]
    test = [s for s in known if s.split == "test"]
    network = Network(shipped)
    # What came long ago helps, further back than in training too: as far as the device remembers.
    trained.network.trunk.memory = MEMORY
    say("likelihood of the test works")
    likelihoods = _likelihoods(trained, known, test, baselines)
    say("what int8 costs")
    cost = int8_cost(trained, shipped, _first(test, int8_events))
    say("obedience")
    obedient = obedience(network)
    say("calm: every mood and goal")
    within = calm(network, _CALM_MINUTES)
    return {
        "test_works": len({s.piece for s in test}),
        "likelihood": likelihoods,
        "int8": cost,
        "obedience": asdict(obedient)
        | {"mean_own": obedient.mean_own, "mean_leakage": obedient.mean_leakage},
        "calm": asdict(within) | {"minutes": _CALM_MINUTES},
        "speed": asdict(speed(shipped)),
    }


def int8_cost(trained: Trained, shipped: Path, few: list[Sequence]) -> dict[str, float]:
    """Return nats a note of the shipped graphs and of the same in fp32, both as the device runs."""
    with tempfile.TemporaryDirectory() as folder:
        export(trained.network, Path(folder), quantised=False)
        write_manifest(Path(folder), {})
        fp32 = graph_likelihood(Path(folder), few)
    int8 = graph_likelihood(shipped, few)
    return {"fp32": fp32, "int8": int8, "worse_by": int8 / fp32 - 1.0}


def realism(
    trained: Trained,
    sequences: list[Sequence],
    folders: Folders,
    hours: list[Hour],
    say: Callable[[str], None],
) -> dict[str, Any]:
    """Return how the music compares with the test works: the hours' and the baselines' too."""
    known = [s for s in sequences if s.texture not in LEFT_OUT and s.split != "validation"]
    train, test = ([s for s in known if s.split == split] for split in ("train", "test"))
    others = beside(folders.baselines, Corpus(train, [], test), rows.EXCERPT_BARS, say)
    bars = {hour.name: hour.bars for hour in hours}
    works = rows.works_of(folders.corpus)
    return rows.realism(trained.network, known, works, bars, beside=others, say=say)


def chorale_figures(folder: Path) -> list[dict[str, Any]]:
    """Return the results that ``python -m model_export jsb`` left in ``folder``."""
    found = []
    for path in sorted(folder.glob("*/result.json")):
        content = json.loads(path.read_text("utf-8"))
        found.append(
            {
                "model": content["model"],
                "validation": content["validation"]["total"],
                "test": content["test"]["total"],
                "parameters": content["parameters"],
                "minutes": content["cpu_minutes"],
            }
        )
    return found


def _likelihoods(
    trained: Trained, known: list[Sequence], test: list[Sequence], baselines: Path
) -> list[dict[str, Any]]:
    """Return a row for each model, ours first; the others' share of its nats with an interval."""
    minutes = trained.spent_s / 60.0
    parameters = sum(p.numel() for p in trained.network.parameters())
    asked, free = (_scores(trained, test, controls=controls) for controls in (True, False))
    parts = likelihood(trained.network, test)
    found = [
        _row("this model, controls given", asked, asked, minutes, parameters)
        | {"place": parts.place, "symbol": parts.symbol, "duration": parts.duration},
        _row("this model, controls withheld", free, asked, minutes, parameters),
    ]
    for folder in sorted(path.parent for path in baselines.glob("*/result.json")):
        other = result.read(folder)
        found.append(_row(other.name, other.pieces, asked, other.cpu_minutes, other.parameters))
    if not any(row["name"] == "bigram" for row in found):
        counted = Bigram.count([s for s in known if s.split == "train"]).likelihood(test)
        found.append({"name": "bigram", "nats": counted.total})
    return found


def _scores(trained: Trained, test: list[Sequence], *, controls: bool) -> tuple[PieceScore, ...]:
    nats = sequence_nats(trained.network, test, controls=controls)
    return by_piece([s.piece for s in test], nats, [s.notes for s in test])


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
