"""What a model pays for held-out music: nats of each sequence, and of each piece."""

from __future__ import annotations

from collections.abc import Sequence as Many
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from model_export.baselines.streams import PADDING, Stream
from model_export.baselines.token_batches import NOT_COUNTED, in_turn
from model_export.baselines.token_network import TokenNetwork
from model_export.composer.precision import autocast

_ROWS = 32
_CARRIED_WINDOW = 256


@dataclass(frozen=True, slots=True)
class PieceScore:
    """All nats of all tokens of a piece, and its notes."""

    piece: str
    nats: float
    notes: int


def by_piece(
    pieces: Many[str], nats: NDArray[np.float64], notes: Many[int]
) -> tuple[PieceScore, ...]:
    """Return the sums over the sequences of each piece, in order of the pieces' names."""
    sums: dict[str, tuple[float, int]] = {}
    for piece, paid, count in zip(pieces, nats.tolist(), notes, strict=True):
        before = sums.get(piece, (0.0, 0))
        sums[piece] = before[0] + paid, before[1] + count
    return tuple(PieceScore(piece, *sums[piece]) for piece in sorted(sums))


def nats_a_note(scores: Many[PieceScore]) -> float:
    """Return all nats divided by all notes."""
    return sum(score.nats for score in scores) / sum(score.notes for score in scores)


def token_nats(logits: Tensor, target: Tensor) -> Tensor:
    """Return (B, T) nats, zero where the target is NOT_COUNTED."""
    flat = functional.cross_entropy(
        logits.float().flatten(0, 1), target.flatten(), ignore_index=NOT_COUNTED, reduction="none"
    )
    return flat.view(target.shape)


@torch.no_grad()
def carried_nats(
    network: TokenNetwork, streams: Many[Stream], *, quick: bool = False
) -> NDArray[np.float64]:
    """Return (streams,) nats; the state is carried through each; ``quick``: as in training."""
    nats = np.zeros(len(streams))
    state: tuple[Tensor, ...] = ()
    for indices, batch in in_turn(streams, _ROWS, _CARRIED_WINDOW):
        if bool(batch.fresh.any()):
            state = network.nothing(len(indices))
        with autocast("cpu", wanted=quick):
            logits, state = network(batch.tokens, batch.places, state)
        nats[indices] += token_nats(logits, batch.target).double().sum(dim=1).numpy()
    return nats


@torch.no_grad()
def sliding_nats(
    network: TokenNetwork, streams: Many[Stream], context: int, *, quick: bool = False
) -> NDArray[np.float64]:
    """Return (streams,) nats; windows overlap by half, so that half a context is always seen."""
    windows = [
        (index, start)
        for index, stream in enumerate(streams)
        for start in range(0, max(1, len(stream.tokens) - 1 - context // 2), context // 2)
    ]
    windows.sort(key=lambda window: min(context, len(streams[window[0]].tokens) - window[1]))
    nats = np.zeros(len(streams))
    for first in range(0, len(windows), _ROWS):
        chosen = windows[first : first + _ROWS]
        tokens, target = _windows([(streams[i], start) for i, start in chosen], context)
        with autocast("cpu", wanted=quick):
            logits, _ = network(tokens, tokens, network.nothing(len(chosen)))
        paid = token_nats(logits, target).double().sum(dim=1).numpy()
        np.add.at(nats, [index for index, _ in chosen], paid)
    return nats


def _windows(chosen: list[tuple[Stream, int]], context: int) -> tuple[Tensor, Tensor]:
    """Return (B, T) tokens and targets; of a later window only the second half is counted."""
    longest = max(min(context, len(s.tokens) - 1 - start) for s, start in chosen)
    tokens = np.full((len(chosen), longest), PADDING, dtype=np.int64)
    target = np.full((len(chosen), longest), NOT_COUNTED, dtype=np.int64)
    for row, (stream, start) in enumerate(chosen):
        seen = stream.tokens[start : start + context + 1]
        length = len(seen) - 1
        tokens[row, :length] = seen[:-1]
        counted = stream.counted[start + 1 : start + 1 + length].copy()
        counted[: context // 2 if start else 0] = False
        target[row, :length] = np.where(counted, seen[1:], NOT_COUNTED)
    return torch.from_numpy(tokens), torch.from_numpy(target)
