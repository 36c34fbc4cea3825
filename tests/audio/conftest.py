from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.audio.virtual_card import VirtualCard, virtual_card, why_not


@pytest.fixture(scope="session")
def card_of_session() -> Iterator[VirtualCard]:
    reason = why_not()
    if reason:
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="lull-") as folder, virtual_card(Path(folder)) as card:
        yield card


@pytest.fixture
def card(card_of_session: VirtualCard, monkeypatch: pytest.MonkeyPatch) -> VirtualCard:
    """A virtual sound card that this process uses."""
    for name, value in card_of_session.environment.items():
        monkeypatch.setenv(name, value)
    return card_of_session
