"""The card in the repository is the one that the shipped manifest makes."""

from __future__ import annotations

import json
from pathlib import Path

from firmware_py.config.paths import SHIPPED_MODELS
from model_export.composer.card import markdown

ROOT = Path(__file__).parents[2]


def test_the_card_is_made_from_the_manifest() -> None:
    manifest = json.loads((SHIPPED_MODELS / "composer" / "manifest.json").read_text("utf-8"))
    assert (ROOT / "docs" / "model-card.md").read_text("utf-8") == markdown(manifest)


def test_every_picture_of_the_card_is_there() -> None:
    card = (ROOT / "docs" / "model-card.md").read_text("utf-8")
    pictures = [line.split("](")[1].rstrip(")") for line in card.splitlines() if line[:2] == "!["]
    assert len(pictures) >= 6
    for picture in pictures:
        assert (ROOT / "docs" / picture).stat().st_size > 10_000
