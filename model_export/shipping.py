"""What every shipped model has in common: files written whole, and the commit it comes from."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: a temporary name, to disk, then the real name."""
    draft = path.with_name(f".{path.name}.part")
    with draft.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(path)


def source_commit() -> str:
    """Return the commit that this code comes from, ``+`` when files differ from it.

    Ask before writing a model over the one in the repository: its files count, too.
    """
    here = Path(__file__).resolve().parent
    command = ["git", "-C", str(here), "describe", "--always", "--abbrev=12", "--dirty=+"]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"
