"""The shipped folder and its card belong together."""

from __future__ import annotations

import json
from hashlib import sha256

from firmware_py.config.paths import SHIPPED_MODELS
from tests.conftest import REPOSITORY

FOLDER = SHIPPED_MODELS / "mood"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
CARD = (REPOSITORY / "docs" / "mood-card.md").read_text(encoding="utf-8")


def test_the_manifest_says_what_the_file_is():
    data = (FOLDER / MANIFEST["file"]["name"]).read_bytes()
    assert MANIFEST["file"]["bytes"] == len(data) <= 10_000_000
    assert MANIFEST["file"]["sha256"] == sha256(data).hexdigest()


def test_the_manifest_names_data_with_licences_and_metrics():
    assert len(MANIFEST["data"]) >= 4
    assert all(item["licence"] and len(item["sha256"]) == 64 for item in MANIFEST["data"])
    assert MANIFEST["metrics"]["held_out"].keys() == {"en", "zh"}


def test_the_card_is_of_the_shipped_model():
    assert MANIFEST["file"]["sha256"][:16] in CARD
    for item in MANIFEST["data"]:
        assert item["title"] in CARD
