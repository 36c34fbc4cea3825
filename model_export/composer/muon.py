"""Muon: momentum whose every step is made orthogonal (K. Jordan, 2024).

torch has one (``torch.optim.Muon``, the same formula), but always computes in bfloat16, which takes
twenty seconds an update of our network on a CPU that has no such units; this one uses whatever is
faster there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from model_export.composer.precision import half_is_faster

_QUINTIC: Final = (3.4445, -4.7750, 2.0315)
"""Coefficients of the Newton-Schulz iteration, chosen by Jordan for speed."""
_ITERATIONS: Final = 5


class Muon(Optimizer):
    """Moves matrices; the step's size is scaled so that AdamW's learning rates fit."""

    def __init__(
        self, matrices: Iterable[nn.Parameter], *, lr: float, weight_decay: float, momentum: float
    ) -> None:
        super().__init__(matrices, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]  # no closure is used
        """Move every matrix once."""
        assert closure is None
        for group in self.param_groups:
            rate, momentum = group["lr"], group["momentum"]
            for matrix in group["params"]:
                if matrix.grad is None:
                    continue
                state = self.state[matrix]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(matrix)
                state["momentum"].lerp_(matrix.grad, 1.0 - momentum)
                step = orthogonal(matrix.grad.lerp(state["momentum"], momentum))
                matrix.mul_(1.0 - rate * group["weight_decay"])
                # Liu et al., arXiv:2502.16982: as large as AdamW's steps.
                matrix.add_(step, alpha=-rate * 0.2 * math.sqrt(max(matrix.shape)))


def orthogonal(matrix: Tensor) -> Tensor:
    """Return the nearest matrix of the same shape whose singular values are about 1."""
    half = half_is_faster(matrix.device.type)
    x = matrix.to(torch.bfloat16 if half else torch.float32)
    tall = x.shape[0] > x.shape[1]
    x = x.t() if tall else x
    x = x / x.norm().clamp(min=1e-7)
    a, b, c = _QUINTIC
    for _ in range(_ITERATIONS):
        gram = x @ x.t()
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return (x.t() if tall else x).to(matrix.dtype)
