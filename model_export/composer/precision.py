"""Which precision a training computes in: bfloat16 where the processor is faster at it.

A graphics card is; of CPUs those with AMX or AVX-512 BF16 are, the others are many times slower
(an AMD EPYC with AVX2: 1.2 against 63 GFLOP/s on one core).
"""

from __future__ import annotations

import time
from functools import cache

import torch


def autocast(device: str, *, wanted: bool = True) -> torch.autocast:
    """Return the context in which a network computes on ``device``; ``wanted``: half, if faster."""
    return torch.autocast(device, torch.bfloat16, enabled=wanted and half_is_faster(device))


@cache
def half_is_faster(device: str) -> bool:
    """Tell whether ``device`` multiplies matrices faster in bfloat16; measured once on a CPU."""
    if device != "cpu":
        return True
    return min(_seconds(torch.bfloat16) for _ in range(3)) < min(
        _seconds(torch.float32) for _ in range(3)
    )


def _seconds(kind: torch.dtype) -> float:
    """Return the processor time of one product of matrices as large as a GRU's."""
    left, right = torch.ones(256, 512, dtype=kind), torch.ones(512, 1536, dtype=kind)
    begun = time.process_time()
    torch.mm(left, right)
    return time.process_time() - begun
