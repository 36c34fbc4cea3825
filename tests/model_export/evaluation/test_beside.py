"""The baselines that are trained compose; the others are left out."""

from pathlib import Path

import pytest

from firmware_py.messages.score import STEPS_PER_BAR
from model_export.baselines import event_models, result
from model_export.evaluation import beside
from tests.model_export.baselines.music import corpus


def test_only_trained_baselines_compose(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "EXCERPTS", 3)
    music = corpus()
    assert beside.beside(tmp_path, music, 2, lambda _: None) == {}
    for name in ("bigram", "controlled"):  # the latter is measured at the test works' controls
        result.write(event_models.count(music), tmp_path / name)
    found = beside.beside(tmp_path, music, 2, lambda _: None)
    assert list(found) == ["bigram"]
    assert [one.bars for one in found["bigram"]] == [2, 2, 2]
    assert all(one.bar_steps == STEPS_PER_BAR for one in found["bigram"])
    assert any(len(one.notes) for one in found["bigram"])
