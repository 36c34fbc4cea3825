"""What is timed is whole bars of the session's two ends; how fast they are is no test's matter."""

from firmware_py.compose.network import GRAPHS
from firmware_py.config.paths import SHIPPED_MODELS
from model_export.evaluation.speed import speed

SHIPPED = SHIPPED_MODELS / "composer"


def test_both_ends_are_timed() -> None:
    found = speed(SHIPPED, stretch_s=10.0, late_s=20.0)
    assert found.bytes == sum((SHIPPED / f"{name}.onnx").stat().st_size for name in GRAPHS)
    assert found.bytes <= 12e6
    for part in (found.beginning, found.after_an_hour):
        assert 2 <= part.bars <= 6
        assert 0.0 < part.median_ms <= part.p99_ms
        assert part.times_real > 0.0
    assert found.first_bar_ms > 0.0
