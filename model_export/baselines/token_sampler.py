"""Composing with a token network: plain sampling, temperature 1, only what can be read masked."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence as Many

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model_export.baselines.excerpt import Excerpt, Opening
from model_export.baselines.grammar import Grammar
from model_export.baselines.token_network import TokenNetwork


class TokenSampler:
    """A ``Sampler``; each seed also draws one of the ``openings``.

    ``context``: tokens that the network may see at once, None for one that carries its state; when
    they are used up, the last half of them is read anew.
    """

    def __init__(
        self,
        network: TokenNetwork,
        grammar: Callable[[Opening], Grammar],
        openings: Many[Opening],
        context: int | None = None,
    ) -> None:
        self.network, self.grammar, self.openings = network.eval(), grammar, openings
        self.context = context

    @torch.no_grad()
    def sample(self, bars: int, seed: int) -> Excerpt:
        """Return the first ``bars`` bars of a new piece; the same seed, the same notes."""
        generator = np.random.default_rng(seed)
        music = self.grammar(self.openings[int(generator.integers(len(self.openings)))])
        state, first, read = self.network.nothing(1), 0, 0
        while music.lines <= bars:
            if self.context is not None and len(music.tokens) - first > self.context:
                first = read = len(music.tokens) - self.context // 2
                state = self.network.nothing(1)
            logits, state = self._read(music, read, state)
            read = len(music.tokens)
            music.push(draw(logits, music.allowed(), generator))
        notes = music.notes()
        return Excerpt(notes[notes[:, 0] < bars], bars, music.steps)

    def _read(
        self, music: Grammar, read: int, state: tuple[Tensor, ...]
    ) -> tuple[NDArray[np.float64], tuple[Tensor, ...]]:
        tokens = torch.tensor([music.tokens[read:]])
        logits, state = self.network(tokens, torch.tensor([music.places[read:]]), state)
        return logits[0, -1].double().numpy(), state


def draw(
    logits: NDArray[np.float64], allowed: NDArray[np.bool_], generator: np.random.Generator
) -> int:
    """Return one of the allowed, with the chances that the logits give."""
    kept = np.where(allowed, logits, -np.inf)
    chances = np.exp(kept - kept.max())
    return int(generator.choice(len(chances), p=chances / chances.sum()))
