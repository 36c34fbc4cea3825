"""How the weights are moved: Muon for the trunk's matrices, AdamW for everything else.

Muon (K. Jordan, 2024) makes each matrix's update orthogonal. In probes of eight minutes on one
core it costs a quarter more time an update and still ends ahead of AdamW alone (3.478 against
3.519 nats a note).
"""

from __future__ import annotations

from torch.optim import AdamW, Muon, Optimizer

from model_export.composer.hyperparameters import Hyperparameters
from model_export.composer.network import ComposerNetwork


def optimisers(network: ComposerNetwork, numbers: Hyperparameters) -> tuple[Optimizer, ...]:
    """Return the optimisers that together hold every parameter once.

    Both are scaled so that one learning rate serves both.
    """
    matrices = [p for p in network.trunk.parameters() if p.ndim == 2]
    taken = {id(p) for p in matrices}
    others = [p for p in network.parameters() if id(p) not in taken]
    return (
        Muon(
            matrices,
            lr=numbers.learning_rate,
            weight_decay=numbers.matrix_decay,
            momentum=0.95,
            adjust_lr_fn="match_rms_adamw",
        ),
        AdamW(
            others,
            lr=numbers.learning_rate,
            betas=(0.9, 0.98),
            weight_decay=numbers.weight_decay,
            fused=True,
        ),
    )


def set_rate(chosen: tuple[Optimizer, ...], rate: float) -> None:
    """Set the learning rate of all."""
    for optimiser in chosen:
        for group in optimiser.param_groups:
            group["lr"] = rate
