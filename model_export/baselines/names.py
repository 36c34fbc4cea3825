"""What the baselines are called; here alone, so that naming one imports no torch."""

from __future__ import annotations

from typing import Final, Literal, get_args

Name = Literal["tonicnet", "remi", "uncontrolled", "controlled", "bigram"]
NAMES: Final[tuple[Name, ...]] = get_args(Name)
