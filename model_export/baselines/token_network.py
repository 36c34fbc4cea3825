"""What the networks that read token streams have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn


class TokenNetwork(nn.Module, ABC):
    """A network whose hidden matrices are in ``trunk``; its state is a tuple of tensors."""

    trunk: nn.Module

    @abstractmethod
    def nothing(self, rows: int) -> tuple[Tensor, ...]:
        """Return the state before any music."""

    @abstractmethod
    def forward(
        self, tokens: Tensor, places: Tensor, state: tuple[Tensor, ...]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return (B, T, vocabulary) logits and the new state.

        ``tokens`` (B, T) and ``places`` (B, T), the step in the bar that each token stands at.
        """
