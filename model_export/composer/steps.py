"""The trained network cut into what the device runs: one step, and the two heads after it.

The GRU is written out as matrix products: onnxruntime quantises those to int8, not its GRU node.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from model_export.composer.network import ComposerNetwork


class _Product(nn.Module):
    """``x @ weight + bias`` as a MatMul and an Add, which int8 quantisation understands."""

    def __init__(self, weight: Tensor, bias: Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(weight.detach().t().contiguous())
        self.bias = nn.Parameter(bias.detach().clone())

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight + self.bias


class _Cell(nn.Module):
    """One GRU layer, one step: x (K, in), state (K, H) -> (K, H)."""

    def __init__(self, layer: nn.GRU) -> None:
        super().__init__()
        weights = dict(layer.named_parameters())
        self.of_input = _Product(weights["weight_ih_l0"], weights["bias_ih_l0"])
        self.of_state = _Product(weights["weight_hh_l0"], weights["bias_hh_l0"])

    def forward(self, x: Tensor, state: Tensor) -> Tensor:
        reset_x, update_x, new_x = self.of_input(x).chunk(3, dim=-1)
        reset_h, update_h, new_h = self.of_state(state).chunk(3, dim=-1)
        reset = torch.sigmoid(reset_x + reset_h)
        update = torch.sigmoid(update_x + update_h)
        new = torch.tanh(new_x + reset * new_h)
        return new + update * (state - new)


class Step(nn.Module):
    """events (K, 4) int64, condition (K, C), state (2, K, H) -> new state, place logits."""

    inputs = ("events", "condition", "state")
    outputs = ("new_state", "place_logits")

    def __init__(self, network: ComposerNetwork) -> None:
        super().__init__()
        self.place, self.symbol = network.place, network.symbol
        self.duration, self.chord = network.duration, network.chord
        self.condition = _Product(network.condition.weight, network.condition.bias)
        self.lower, self.upper = _Cell(network.lower), _Cell(network.upper)
        self.place_out = _Product(network.place_out.weight, network.place_out.bias)

    def forward(self, events: Tensor, condition: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Run one step."""
        wish = torch.tanh(self.condition(condition))
        seen = torch.cat(
            [
                self.place(events[:, 0]),
                self.symbol(events[:, 1]),
                self.duration(events[:, 2]),
                self.chord(events[:, 3]),
                wish,
            ],
            dim=-1,
        )
        low = self.lower(seen, state[0])
        high = self.upper(torch.cat([low, wish], dim=-1), state[1])
        return torch.stack([low, high]), self.place_out(high)


class SymbolHead(nn.Module):
    """out (K, H), place (K,) int64 -> symbol logits (K, SYMBOLS)."""

    inputs = ("out", "place")
    outputs = ("symbol_logits",)

    def __init__(self, network: ComposerNetwork) -> None:
        super().__init__()
        self.of_out = _Product(network.symbol_in.weight, network.symbol_in.bias)
        self.of_place = network.symbol_place
        self.last = _Product(network.symbol_out.weight, network.symbol_out.bias)

    def forward(self, out: Tensor, place: Tensor) -> Tensor:
        """Run the head."""
        logits: Tensor = self.last(torch.tanh(self.of_out(out) + self.of_place(place)))
        return logits


class DurationHead(nn.Module):
    """out (K, H), place (K,), symbol (K,) int64 -> duration logits (K, DURATIONS)."""

    inputs = ("out", "place", "symbol")
    outputs = ("duration_logits",)

    def __init__(self, network: ComposerNetwork) -> None:
        super().__init__()
        self.of_out = _Product(network.duration_in.weight, network.duration_in.bias)
        self.of_place, self.of_symbol = network.duration_place, network.duration_symbol
        self.last = _Product(network.duration_out.weight, network.duration_out.bias)

    def forward(self, out: Tensor, place: Tensor, symbol: Tensor) -> Tensor:
        """Run the head."""
        mixed = self.of_out(out) + self.of_place(place) + self.of_symbol(symbol)
        logits: Tensor = self.last(torch.tanh(mixed))
        return logits
