"""Where the next change is: the logit of a change at each place, if none was before it."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from model_export.jsb.body import Dropped
from model_export.jsb.changes import (
    FAR,
    HELD,
    HISTORY,
    LATEST,
    LEFT,
    NOTHING,
    STEP,
    TARGET_PLACE,
    TURN,
    WAIT,
    moments,
)
from model_export.jsb.chorales import BAR, LONGEST, PADDING, VOICES
from model_export.jsb.echoes import UNTOLD
from model_export.jsb.hyperparameters import Hyperparameters
from model_export.jsb.told import Told, Trust

LAGS = (4, 8, 16, 32, 48)
"""A place is scored by whether its voice changed so many sixteenths before it, too."""


class PlaceHead(nn.Module):
    """Scores a place by itself, by its voice's past and by what is told.

    Itself: how far ahead it is, and where in the bar. The past: for how long the voice will have
    held its symbol, and whether it changed some beats or bars before.
    """

    def __init__(self, known: int, numbers: Hyperparameters) -> None:
        super().__init__()
        size = numbers.place_hidden
        self.dropped = Dropped(numbers.head_dropout)
        self.known = nn.Linear(known, size)
        self.by_distance = nn.Linear(size, WAIT)
        self.by_moment = nn.Linear(size, BAR * VOICES)
        self.by_history = nn.Linear(size, len(LAGS) * VOICES)
        self.by_held = nn.Linear(size, (LONGEST + 1) * VOICES)
        self.trust = Trust(size, 2)

    def forward(self, known: Tensor, rows: Tensor, told: Told) -> Tensor:
        """Return (B, T, WAIT)."""
        hidden = self.dropped(functional.gelu(self.known(known)))
        places = torch.arange(WAIT, device=rows.device)
        held = rows[..., HELD].repeat(1, 1, FAR + 1) + places // VOICES
        held = held.clamp(max=LONGEST) * VOICES + places % VOICES
        scores: Tensor = self.by_distance(hidden).float()
        scores += self.by_moment(hidden).float().gather(-1, moments(rows[..., STEP, None], places))
        weights = self.by_history(hidden).float().unflatten(-1, (len(LAGS), VOICES))
        for index, lag in enumerate(LAGS):
            ago = (lag - places // VOICES).clamp(min=0)
            history = rows[..., HISTORY].repeat(1, 1, FAR + 1)
            changed = (history >> ago) & (lag >= places // VOICES)
            scores += weights[..., index, :].repeat(1, 1, FAR + 1) * changed
        scores += self.by_held(hidden).float().gather(-1, held)
        return scores + self._told(hidden, told)

    def _told(self, hidden: Tensor, told: Told) -> Tensor:
        """Return (B, T, WAIT): for the places told, and against those before them."""
        ahead = told.ahead.transpose(-1, -2)  # (B, T, 4, SOURCES)
        there, before = self.trust(hidden, told.alike).exp().transpose(2, 3).unbind(-1)
        zeros = there.new_zeros(*ahead.shape[:3], UNTOLD + 1)
        at = zeros.scatter_add(-1, ahead, there)
        until = zeros.scatter_add(-1, ahead, before * (ahead < UNTOLD))
        until = until.flip(-1).cumsum(-1).flip(-1) - until
        told_so = torch.log1p(at) - torch.log1p(until)
        return told_so[..., :UNTOLD].transpose(-1, -2).flatten(-2)


def place_nats(scores: Tensor, changes: Tensor) -> Tensor:
    """Return (B, T) nats of the target places: of no change at any before, then one there.

    In the first sixteenth every voice changes, each in its turn, and that is free; so are places
    that have passed, are beyond the chorale's end, or padded.
    """
    places = torch.arange(WAIT, device=changes.device)
    place, left = changes[..., TARGET_PLACE, None], changes[..., LEFT, None]
    target = torch.where(place == PADDING, WAIT, place)
    open_ = (places > changes[..., TURN, None]) | (places >= VOICES)
    open_ &= (places <= target) & (places // VOICES <= left)
    open_ &= ~(changes[..., LATEST] == NOTHING).any(dim=-1, keepdim=True)
    nats = functional.softplus(torch.where(places == target, -scores, scores))
    return torch.where(open_, nats, 0.0).sum(dim=-1)
