"""The token networks are causal, carry what they say they carry, and are as large as ours."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch

from model_export.baselines import flat, remi
from model_export.baselines.gru import GruSize, TokenGru
from model_export.baselines.score import carried_nats, sliding_nats, token_nats
from model_export.baselines.streams import Stream
from model_export.baselines.token_batches import NOT_COUNTED, in_turn, packed, separate
from model_export.baselines.token_models import RECIPES, TokenModel
from model_export.baselines.token_network import TokenNetwork
from model_export.baselines.transformer import TokenTransformer, TransformerSize
from model_export.composer.hyperparameters import Hyperparameters
from model_export.composer.network import ComposerNetwork
from tests.model_export.baselines.music import broken_chords, corpus

SMALL_GRU = GruSize(flat.VOCABULARY, hidden=24, dropout=0.0)
SMALL_TRANSFORMER = TransformerSize(remi.VOCABULARY, 2, 32, 2, context=64, dropout=0.0)


@pytest.fixture(params=["gru", "rotary", "learned"])
def network(request: pytest.FixtureRequest) -> TokenNetwork:
    torch.manual_seed(0)
    if request.param == "gru":
        return TokenGru(SMALL_GRU).eval()
    size = TransformerSize(remi.VOCABULARY, 2, 32, 2, 64, 0.0, rotary=request.param == "rotary")
    return TokenTransformer(size).eval()


def tokens(rows: int, steps: int) -> torch.Tensor:
    return torch.randint(15, remi.VOCABULARY, (rows, steps), generator=torch.manual_seed(1))


@torch.no_grad()
def test_a_later_token_changes_nothing_before_it(network: TokenNetwork) -> None:
    one, places = tokens(2, 20), torch.zeros(2, 20, dtype=torch.long)
    other = one.clone()
    other[:, 12:] = tokens(2, 8).flip(1)
    first, _ = network(one, places, network.nothing(2))
    second, _ = network(other, places, network.nothing(2))
    assert torch.allclose(first[:, :12], second[:, :12], atol=1e-5)
    assert not torch.allclose(first[:, 12:], second[:, 12:], atol=1e-3)


@torch.no_grad()
@pytest.mark.parametrize("cuts", [[7], [1, 2, 19]])
def test_reading_in_parts_is_reading_at_once(network: TokenNetwork, cuts: list[int]) -> None:
    everything, places = tokens(2, 20), torch.zeros(2, 20, dtype=torch.long)
    whole, _ = network(everything, places, network.nothing(2))
    state, parts = network.nothing(2), []
    for part in torch.tensor_split(everything, cuts, dim=1):
        logits, state = network(part, torch.zeros_like(part), state)
        parts.append(logits)
    assert torch.allclose(whole, torch.cat(parts, dim=1), atol=1e-5)


def test_rotary_attention_knows_distances_only() -> None:
    torch.manual_seed(0)
    network = TokenTransformer(SMALL_TRANSFORMER).eval()
    alone, places = tokens(1, 10), torch.zeros(1, 10, dtype=torch.long)
    block = next(network.trunk.children())
    x = network.token(alone)
    nothing = network.nothing(1)
    from model_export.baselines.transformer import _turns

    near, _, _ = block(x, _turns(torch.arange(10), 16), nothing[:2])
    far, _, _ = block(x, _turns(torch.arange(40, 50), 16), nothing[:2])
    assert torch.allclose(near, far, atol=1e-5)
    del places


@pytest.mark.parametrize("name", ["tonicnet", "remi"])
def test_a_baseline_is_as_large_as_our_model(name: TokenModel) -> None:
    ours = sum(p.numel() for p in ComposerNetwork(Hyperparameters()).parameters())
    theirs = sum(p.numel() for p in RECIPES[name].network().parameters())
    assert abs(theirs / ours - 1.0) < 0.05


def streams() -> list[Stream]:
    return [flat.stream_of(sequence) for sequence in corpus().train]


def test_scores_do_not_depend_on_the_windows() -> None:
    torch.manual_seed(0)
    network = TokenGru(SMALL_GRU).eval()
    together = carried_nats(network, streams())
    for stream, nats in zip(streams(), together, strict=True):
        row = torch.from_numpy(stream.tokens.astype(np.int64))[None]
        place = torch.from_numpy(stream.places.astype(np.int64))[None]
        target = torch.where(torch.from_numpy(stream.counted)[None], row, NOT_COUNTED)[:, 1:]
        with torch.no_grad():
            logits, _ = network(row[:, :-1], place[:, :-1], network.nothing(1))
        assert float(token_nats(logits, target).sum()) == pytest.approx(nats, rel=1e-5)


def test_sliding_windows_count_every_token_once() -> None:
    torch.manual_seed(0)
    network = TokenTransformer(SMALL_TRANSFORMER).eval()
    with torch.no_grad():
        network.token.weight.zero_()  # every token is as likely as any other
    reader = remi.Remi()
    read = [reader.stream_of(broken_chords(turn, bars=5 + 7 * turn)) for turn in range(4)]
    nats = sliding_nats(network, read, context=64)
    counted = np.array([stream.counted.sum() for stream in read])
    assert max(len(stream.tokens) for stream in read) > 3 * 64
    assert np.allclose(nats, counted * np.log(remi.VOCABULARY), rtol=1e-5)


def test_sliding_over_a_short_stream_is_reading_it_at_once() -> None:
    torch.manual_seed(0)
    network = TokenTransformer(SMALL_TRANSFORMER).eval()
    stream = remi.Remi().stream_of(corpus().train[0])
    short = Stream("x", *(a[:60] for a in (stream.tokens, stream.places, stream.counted)), 1)
    row = torch.from_numpy(short.tokens.astype(np.int64))[None]
    target = torch.where(torch.from_numpy(short.counted)[None], row, NOT_COUNTED)[:, 1:]
    with torch.no_grad():
        logits, _ = network(row[:, :-1], row[:, :-1], network.nothing(1))
    whole = float(token_nats(logits, target).sum())
    assert float(sliding_nats(network, [short], context=64)[0]) == pytest.approx(whole, rel=1e-5)


def test_in_turn_reads_every_token_once() -> None:
    counted = sum(int((batch.target >= 0).sum()) for _, batch in in_turn(streams(), 5, 32))
    assert counted == sum(int(stream.counted.sum()) for stream in streams())


def test_packed_rows_go_on_where_they_stopped() -> None:
    source = packed(streams(), 2, 50, np.random.default_rng(0))
    rows = torch.cat([next(source).tokens for _ in range(8)], dim=1)
    known = {tuple(stream.tokens.tolist()) for stream in streams()}
    opening = int(streams()[0].tokens[0])  # all begin with one texture
    for row in rows.tolist():
        starts = [index for index, token in enumerate(row) if token == opening]
        assert len(starts) > 2
        assert {tuple(row[a:b]) for a, b in pairwise(starts)} <= known


def test_separate_rows_say_when_they_are_fresh() -> None:
    source = separate(streams(), 3, 64, np.random.default_rng(0))
    next(source)
    for batch in (next(source) for _ in range(20)):
        begins = batch.tokens[:, 0] == int(streams()[0].tokens[0])
        assert torch.equal(batch.fresh, begins)
