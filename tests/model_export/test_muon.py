"""Our Muon is torch's, but for the precision."""

import torch
from torch import nn
from torch.optim import Muon as TorchMuon

from model_export.composer.muon import Muon, orthogonal


def test_a_step_is_nearly_orthogonal_whatever_its_shape() -> None:
    torch.manual_seed(0)
    for shape in ((40, 16), (16, 40), (24, 24)):
        values = torch.linalg.svdvals(orthogonal(torch.randn(shape)))
        assert 0.5 < float(values.min()) <= float(values.max()) < 1.3


def test_it_moves_as_torchs_does() -> None:
    torch.manual_seed(0)
    start, gradients = torch.randn(24, 40), torch.randn(6, 24, 40)
    ours, theirs = nn.Parameter(start.clone()), nn.Parameter(start.clone())
    one = Muon([ours], lr=0.02, weight_decay=0.1, momentum=0.95)
    other = TorchMuon(
        [theirs], lr=0.02, weight_decay=0.1, momentum=0.95, adjust_lr_fn="match_rms_adamw"
    )
    for gradient in gradients:
        ours.grad, theirs.grad = gradient.clone(), gradient.clone()
        one.step()
        other.step()
    moved, expected = ours.detach() - start, theirs.detach() - start
    assert float((moved - expected).norm() / expected.norm()) < 0.03  # theirs rounds to bfloat16


def test_its_state_is_kept() -> None:
    weight = nn.Parameter(torch.eye(8))
    one = Muon([weight], lr=0.1, weight_decay=0.0, momentum=0.9)
    weight.grad = torch.ones(8, 8)
    one.step()
    other = Muon([nn.Parameter(weight.detach().clone())], lr=0.1, weight_decay=0.0, momentum=0.9)
    other.load_state_dict(one.state_dict())
    (state,) = other.state.values()
    assert torch.equal(state["momentum"], torch.full((8, 8), 0.1))
