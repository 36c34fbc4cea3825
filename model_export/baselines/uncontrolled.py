"""Our own network that is never told a control: what the controls are worth.

It is ``Training`` of the composer as it is, every control of every sequence withheld. Metre,
texture and the bars since the beginning and to the end stay known: they are no controls.
"""

from __future__ import annotations

from collections.abc import Sequence as Many

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from firmware_py.compose.condition import Frame, condition_vector
from firmware_py.compose.controls import CONTROLS
from firmware_py.compose.ringing import Ringing
from firmware_py.compose.vocabulary import BAR, PITCHES
from model_export.baselines.excerpt import Opening
from model_export.baselines.grammar import bar_steps
from model_export.composer.batches import evaluation_batches
from model_export.composer.network import ComposerNetwork
from model_export.composer.sequences import Sequence

_ROWS = 48
_WINDOW = 256


@torch.no_grad()
def sequence_nats(
    network: ComposerNetwork, sequences: Many[Sequence], *, controls: bool
) -> NDArray[np.float64]:
    """Return (sequences, 3) nats of each sequence: of all its places, symbols and durations."""
    network.eval()
    order = sorted(range(len(sequences)), key=lambda index: len(sequences[index].events))
    nats = np.zeros((len(sequences), 3))
    for first in range(0, len(order), _ROWS):
        indices = order[first : first + _ROWS]
        chosen = [sequences[index] for index in indices]  # by length, as the batches sort them
        carried = network.nothing(len(chosen))
        for batch in evaluation_batches(chosen, _ROWS, _WINDOW, controls=controls):
            out, carried = network(batch.events, batch.conditions, carried)
            parts = network.losses(out, batch.target)
            nats[indices] += np.stack([part.double().sum(dim=1).numpy() for part in parts], axis=1)
    return nats


class UncontrolledEvents:
    """An ``EventModel``: the network, no control given, no end in sight."""

    def __init__(self, network: ComposerNetwork, opening: Opening) -> None:
        self.network, self.opening = network.eval(), opening
        self.carried = network.nothing(1)
        self.out = torch.zeros(0)
        self.ringing = Ringing.silence(1)

    @torch.no_grad()
    def hear(self, event: tuple[int, int, int, int], bar: int) -> None:
        """Take in an event."""
        if event[0] == BAR:
            if bar > 0:
                self.ringing.bar_line(0, bar_steps(self.opening.metre))
            over = self._ringing_at(0)
        else:
            over = self._ringing_at(event[0])
            if event[1] < PITCHES:
                self.ringing.strike(0, *event[:3])
        nothing = np.zeros(CONTROLS, dtype=np.float32)
        frame = Frame(self.opening.metre, bar, None, self.opening.texture)
        condition = condition_vector(nothing, nothing > 0, frame)
        heard = torch.cat([torch.tensor([event]), over.long()], dim=1)
        self.out, self.carried = self.network(
            heard[None], torch.from_numpy(condition)[None, None], self.carried
        )

    @torch.no_grad()
    def place_logits(self) -> NDArray[np.float64]:
        """Return (PLACES,) log chances."""
        return _array(self.network.place_logits(self.out))

    @torch.no_grad()
    def symbol_logits(self, place: int) -> NDArray[np.float64]:
        """Return (SYMBOLS,) log chances."""
        over = self._ringing_at(place)[None]
        return _array(self.network.symbol_logits(self.out, torch.tensor([[place]]), over))

    @torch.no_grad()
    def duration_logits(self, place: int, symbol: int) -> NDArray[np.float64]:
        """Return (DURATIONS,) log chances."""
        parts = torch.tensor([[place]]), torch.tensor([[symbol]])
        return _array(self.network.duration_logits(self.out, *parts))

    def _ringing_at(self, place: int) -> Tensor:
        """Return (1, PITCHES)."""
        return torch.from_numpy(self.ringing.at(np.array([place])))


def _array(logits: Tensor) -> NDArray[np.float64]:
    return np.asarray(logits[0, 0].double().numpy())
