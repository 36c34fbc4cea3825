"""How a shipped model that was lost or damaged is brought back."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path

from firmware_py.config.paths import SHIPPED_MODELS


def repair_command(folder: Path, *, made_by: str) -> str:
    """Return the command that brings the files in ``folder`` back.

    ``made_by``: the command that writes such a model into another folder with ``--out``.
    """
    if folder.resolve().parent != SHIPPED_MODELS:
        return f"{made_by} --out {folder}"
    root = SHIPPED_MODELS.parent.parent
    if (root / ".git").exists():
        return f"git -C {root} checkout -- {folder.resolve().relative_to(root)}"
    return f"pip install --force-reinstall --no-deps {_installed_from()}"


def _installed_from() -> str:
    """Return where pip took Lull from (PEP 610): a folder, a wheel or an address."""
    try:
        written = metadata.distribution("lull").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        written = None
    if written is None:
        return "LULL_WHEEL_OR_FOLDER"
    return str(json.loads(written)["url"]).removeprefix("file://")
