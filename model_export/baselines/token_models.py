"""The two baselines that read tokens: a TonicNet-like GRU and a REMI Transformer.

What both get: the same train works as our model, moved to the same key signature; the same CPU
time of one thread; as many parameters (within 5%); its optimisers, cosine and bfloat16; texture and
metre of the piece, given. The GRU's place in the bar and the Transformer's rotary positions are
told them as our model's place is told it. What neither gets: controls, and how near the end is
(our model without controls knows that still). A token stream takes about 2.5 steps a note where
our model takes 1.2: for the same CPU time that is fewer notes read, which is a property of the
representation and is meant to show.

How the numbers were chosen: probes of 1.5 minutes of CPU time each, nats a note on a sixteenth of
the validation works at their end, all else as below (rates fall along the cosine over the probe):

* GRU: rate 4e-3, 32 rows of 96 tokens: 4.68 without dropout, 4.88 with TonicNet's own 0.3 (it saw
  its 229 chorales sixty times; nothing here is read twice), 5.31 with AdamW alone and dropout 0.1;
  rate 2e-3 with 64 rows of 128 tokens and dropout 0.1: 9.12, because it makes half as many updates.
* Transformer: rate 4e-3, 4 rows of 512 tokens: 5.14; rate 2e-3, 8 rows: 6.54, and with AdamW alone
  6.17; rate 2e-3, 4 rows, AdamW alone: 6.05. Half through the first, 6.65; learned positions stood
  at 7.10 there, and were given up.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from collections.abc import Sequence as Many
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from firmware_py.messages.errors import MissingError
from model_export.baselines import flat, remi, result
from model_export.baselines.corpus import Corpus
from model_export.baselines.excerpt import Opening
from model_export.baselines.grammar import FlatGrammar, RemiGrammar
from model_export.baselines.gru import GruSize, TokenGru
from model_export.baselines.score import by_piece, carried_nats, sliding_nats
from model_export.baselines.streams import Stream
from model_export.baselines.token_batches import TokenBatch, packed, separate
from model_export.baselines.token_network import TokenNetwork
from model_export.baselines.token_sampler import TokenSampler
from model_export.baselines.token_training import TokenNumbers, TokenTraining
from model_export.baselines.transformer import TokenTransformer, TransformerSize
from model_export.composer.sequences import Sequence

TokenModel = Literal["tonicnet", "remi"]

GRU_SIZE: Final = GruSize(flat.VOCABULARY, hidden=452, dropout=0.0)
GRU_NUMBERS: Final = TokenNumbers(learning_rate=4e-3, batch=32, window=96)
TRANSFORMER_SIZE: Final = TransformerSize(
    remi.VOCABULARY, layers=5, width=256, heads=4, context=512, dropout=0.0
)
TRANSFORMER_NUMBERS: Final = TokenNumbers(learning_rate=4e-3, batch=4, window=512)


@dataclass(frozen=True, slots=True)
class TokenRecipe:
    """All that makes one of the two."""

    name: TokenModel
    size: GruSize | TransformerSize
    numbers: TokenNumbers

    def network(self) -> TokenNetwork:
        """Return an untrained network; the seed decides its weights."""
        torch.manual_seed(self.numbers.seed)
        if isinstance(self.size, GruSize):
            return TokenGru(self.size)
        return TokenTransformer(self.size)

    def tokenised(self, sequences: Many[Sequence]) -> list[Stream]:
        """Return a stream for each sequence."""
        tokenise = flat.stream_of if isinstance(self.size, GruSize) else remi.Remi().stream_of
        return [tokenise(sequence) for sequence in sequences]

    def batches(
        self, streams: Many[Stream], generator: np.random.Generator
    ) -> Iterator[TokenBatch]:
        """Return training batches without end."""
        read = separate if isinstance(self.size, GruSize) else packed
        return read(streams, self.numbers.batch, self.numbers.window, generator)

    def nats(
        self, network: TokenNetwork, streams: Many[Stream], *, quick: bool
    ) -> NDArray[np.float64]:
        """Return (streams,) nats."""
        if isinstance(self.size, GruSize):
            return carried_nats(network, streams, quick=quick)
        return sliding_nats(network, streams, self.size.context, quick=quick)

    def sampler(self, network: TokenNetwork, openings: Many[Opening]) -> TokenSampler:
        """Return what composes with a trained network."""
        if isinstance(self.size, GruSize):
            return TokenSampler(network, FlatGrammar, openings)
        grammar = partial(RemiGrammar, reader=remi.Remi())
        return TokenSampler(network, grammar, openings, self.size.context)


RECIPES: Final[dict[TokenModel, TokenRecipe]] = {
    "tonicnet": TokenRecipe("tonicnet", GRU_SIZE, GRU_NUMBERS),
    "remi": TokenRecipe("remi", TRANSFORMER_SIZE, TRANSFORMER_NUMBERS),
}


def train(
    recipe: TokenRecipe,
    corpus: Corpus,
    minutes: float,
    folder: Path,
    say: Callable[[str], None],
    clock: Callable[[], float] = time.process_time,
) -> result.Result:
    """Train until so many minutes by the clock are spent, then measure; resumes what was cut."""
    network = recipe.network()
    training = TokenTraining(
        folder, network, recipe.numbers, carries=isinstance(recipe.size, GruSize), clock=clock
    )
    if training.resume():
        say(f"resumed at step {training.step}, {training.spent_s / 60:.1f} minutes spent")
    watched = recipe.tokenised(corpus.watched)
    notes = sum(stream.notes for stream in watched)
    training.run(
        partial(recipe.batches, recipe.tokenised(corpus.train)),
        lambda: float(recipe.nats(network, watched, quick=True).sum()) / notes,
        60.0 * minutes,
        say,
    )
    say("measuring the test works")
    return _measured(recipe, load(recipe, folder), corpus.test, training.spent_s / 60.0)


def load(recipe: TokenRecipe, folder: Path) -> TokenNetwork:
    """Return the trained network; raises ``MissingError`` when there is none."""
    path = folder / "best.pt"
    if not path.exists():
        raise MissingError(
            f"no trained baseline at {path}.", fix="python -m model_export baselines"
        )
    network = recipe.network()
    network.load_state_dict(torch.load(path, weights_only=True)["network"])
    network.eval()
    return network


def _measured(
    recipe: TokenRecipe, network: TokenNetwork, test: list[Sequence], minutes: float
) -> result.Result:
    streams = recipe.tokenised(test)
    nats = recipe.nats(network, streams, quick=False)
    notes = [stream.notes for stream in streams]
    numbers: dict[str, Any] = asdict(recipe.size) | asdict(recipe.numbers)
    return result.Result(
        recipe.name,
        by_piece([stream.piece for stream in streams], nats, notes),
        sum(p.numel() for p in network.parameters()),
        minutes,
        recipe.numbers.seed,
        sum(int(stream.counted.sum()) for stream in streams) / sum(notes),
        numbers,
    )
