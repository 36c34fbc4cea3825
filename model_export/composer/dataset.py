"""All sequences of the corpus in one cached file, so that training starts in seconds."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from model_export.composer.sequences import Sequence, sequences_of
from model_export.corpus.piece import Piece
from model_export.corpus.reading import readers, sigint_held


def build(pieces: Iterable[Piece], path: Path, say: Callable[[str], None]) -> None:
    """Write the sequences of all pieces to ``path`` (an ``.npz`` without pickles)."""
    sequences: list[Sequence] = []
    with readers() as pool:
        with sigint_held():  # here the pool starts its processes
            results = pool.map(_sequences, pieces, chunksize=32)
        for count, found in enumerate(results, start=1):
            sequences += found
            if count % 500 == 0:
                say(f"{count} pieces, {len(sequences)} sequences")
    facts = [
        {"piece": s.piece, "split": s.split, "texture": s.texture, "slow": s.slow}
        for s in sequences
    ]
    temporary = path.with_name(f".{path.name}.part.npz")
    np.savez(
        temporary,
        facts=np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8),
        events=np.concatenate([s.events for s in sequences]),
        bar_of=np.concatenate([s.bar_of for s in sequences]),
        conditions=np.concatenate([s.conditions for s in sequences]),
        ringing=np.concatenate([s.ringing for s in sequences]),
        event_counts=np.array([len(s.events) for s in sequences]),
        bar_counts=np.array([len(s.conditions) for s in sequences]),
    )
    temporary.replace(path)


def _sequences(piece: Piece) -> list[Sequence]:
    return list(sequences_of(piece))


def load(path: Path) -> Iterator[Sequence]:
    """Yield the sequences that ``build`` wrote."""
    with np.load(path) as file:
        facts = json.loads(file["facts"].tobytes())
        events, bar_of, conditions = file["events"], file["bar_of"], file["conditions"]
        ringing = file["ringing"]
        ends = zip(np.cumsum(file["event_counts"]), np.cumsum(file["bar_counts"]), strict=True)
    event, bar = 0, 0
    for fact, (last_event, last_bar) in zip(facts, ends, strict=True):
        yield Sequence(
            **fact,
            events=events[event:last_event],
            bar_of=bar_of[event:last_event],
            conditions=conditions[bar:last_bar],
            ringing=ringing[event:last_event],
        )
        event, bar = int(last_event), int(last_bar)
