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


def _product(layer: nn.Linear) -> _Product:
    return _Product(layer.weight, layer.bias)


def _joined(layer: nn.Linear, other: nn.Linear) -> _Product:
    """Return the product that is the sum of both, of their inputs one after the other."""
    return _Product(torch.cat([layer.weight, other.weight], dim=1), layer.bias)


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
    """One event of K candidates, who share a past of P events and have each m of their own.

    events (K, 4) int64, ringing (K, PITCHES), condition (K, C), state (2, K, H), past keys and
    values (P, W), own keys and values (m, K, W) -> new state, place logits, and this event's key
    and value (K, W).
    """

    inputs = (
        "events", "ringing", "condition", "state", "past_keys", "past_values", "own_keys",
        "own_values",
    )  # fmt: skip
    outputs = ("new_state", "place_logits", "key", "value")

    def __init__(self, network: ComposerNetwork) -> None:
        super().__init__()
        trunk = network.trunk
        self.heads = trunk.heads
        self.place, self.symbol = network.place, network.symbol
        self.duration, self.chord = network.duration, network.chord
        self.condition = _product(network.condition)
        self.lower, self.upper = _Cell(trunk.lower), _Cell(trunk.upper)
        self.query, self.key = _product(trunk.query), _product(trunk.key)
        self.value, self.found = _product(trunk.value), _product(trunk.found)
        nowhere = trunk.nowhere.detach()
        self.nowhere_key = nn.Parameter(nowhere[:1].clone())
        self.nowhere_value = nn.Parameter(nowhere[1:].clone())
        self.place_out = _product(network.place_out)

    def forward(  # noqa: D102, PLR0913, PLR0917 - the class says it; a graph has its inputs
        self,
        events: Tensor,
        ringing: Tensor,
        condition: Tensor,
        state: Tensor,
        past_keys: Tensor,
        past_values: Tensor,
        own_keys: Tensor,
        own_values: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        wish = torch.tanh(self.condition(condition))
        seen = torch.cat(
            [
                self.place(events[:, 0]),
                self.symbol(events[:, 1]),
                self.duration(events[:, 2]),
                self.chord(events[:, 3]),
                ringing,
                wish,
            ],
            dim=-1,
        )
        low = self.lower(seen, state[0])
        key, value = self.key(state[0]), self.value(torch.cat([seen, low], dim=-1))
        own_keys = torch.cat([own_keys, key[None]])
        own_values = torch.cat([own_values, value[None]])
        mixed = self._mixed(self.query(low), past_keys, past_values, own_keys, own_values)
        high = self.upper(torch.cat([low + self.found(mixed), wish], dim=-1), state[1])
        return torch.stack([low, high]), self.place_out(high), key, value

    def _mixed(
        self, query: Tensor, past_keys: Tensor, past_values: Tensor, keys: Tensor, values: Tensor
    ) -> Tensor:
        """Return (K, W): attention over the shared past and each candidate's own events."""
        size = query.shape[-1] // self.heads
        # One place is always there: onnxruntime divides by zero where nothing is looked at.
        past_keys = torch.cat([self.nowhere_key, past_keys])
        past_values = torch.cat([self.nowhere_value, past_values])
        asked = self._by_head(query * size**-0.5)  # (h, K, d)
        past = asked @ self._by_head(past_keys).transpose(1, 2)  # (h, K, 1 + P)
        own_keys = self._by_candidate(keys)  # (K, h, m + 1, d)
        own = own_keys @ asked.transpose(0, 1)[..., None]  # (K, h, m + 1, 1)
        own = own.squeeze(-1).transpose(0, 1)  # (h, K, m + 1)
        share = torch.softmax(torch.cat([past, own], dim=-1), dim=-1)
        of_past, of_own = share[..., : past.shape[-1]], share[..., past.shape[-1] :]
        mixed = of_past @ self._by_head(past_values)  # (h, K, d)
        own_mixed = of_own.transpose(0, 1)[:, :, None] @ self._by_candidate(values)
        together: Tensor = mixed.transpose(0, 1) + own_mixed.squeeze(2)  # (K, h, d)
        return together.flatten(1)

    def _by_head(self, x: Tensor) -> Tensor:
        """(n, W) -> (h, n, d)."""
        return x.reshape(x.shape[0], self.heads, x.shape[-1] // self.heads).transpose(0, 1)

    def _by_candidate(self, x: Tensor) -> Tensor:
        """(n, K, W) -> (K, h, n, d)."""
        return x.reshape(*x.shape[:-1], self.heads, x.shape[-1] // self.heads).permute(1, 2, 0, 3)


class SymbolHead(nn.Module):
    """out (K, H), place (K,) int64, ringing (K, PITCHES) -> symbol logits (K, SYMBOLS)."""

    inputs = ("out", "place", "ringing")
    outputs = ("symbol_logits",)

    def __init__(self, network: ComposerNetwork) -> None:
        super().__init__()
        self.of_place = network.symbol_place
        # One product, so that there is one rounding.
        self.of_out = _joined(network.symbol_in, network.symbol_ringing)
        self.last = _product(network.symbol_out)

    def forward(self, out: Tensor, place: Tensor, ringing: Tensor) -> Tensor:
        """Run the head."""
        mixed = self.of_out(torch.cat([out, ringing], dim=-1)) + self.of_place(place)
        logits: Tensor = self.last(torch.tanh(mixed))
        return logits


class DurationHead(nn.Module):
    """out (K, H), place (K,), symbol (K,) int64 -> duration logits (K, DURATIONS)."""

    inputs = ("out", "place", "symbol")
    outputs = ("duration_logits",)

    def __init__(self, network: ComposerNetwork) -> None:
        super().__init__()
        self.of_out = _product(network.duration_in)
        self.of_place, self.of_symbol = network.duration_place, network.duration_symbol
        self.last = _product(network.duration_out)

    def forward(self, out: Tensor, place: Tensor, symbol: Tensor) -> Tensor:
        """Run the head."""
        mixed = self.of_out(out) + self.of_place(place) + self.of_symbol(symbol)
        logits: Tensor = self.last(torch.tanh(mixed))
        return logits
