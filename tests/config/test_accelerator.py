"""What computes a network: what was asked for where it is there, else the CPU, never silently."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from firmware_py.config.accelerator import ACCELERATORS, Accelerator
from firmware_py.config.load import load_settings
from firmware_py.config.onnx_session import accelerators, open_session
from firmware_py.messages.errors import LullError, UserError


def division() -> bytes:
    """A graph that divides two numbers."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "abc"]
    node = helper.make_node("Div", ["a", "b"], ["c"])
    graph = helper.make_graph([node], "division", ends[:2], ends[2:])
    opset = helper.make_opsetid("", 20)
    model: bytes = helper.make_model(
        graph, opset_imports=[opset], ir_version=10
    ).SerializeToString()
    return model


def numbers(a: float, b: float) -> dict[str, np.ndarray]:
    return {"a": np.array([a], np.float32), "b": np.array([b], np.float32)}


@pytest.mark.parametrize("accelerator", ACCELERATORS)
def test_whatever_is_asked_for_it_runs_and_says_on_what(
    accelerator: Accelerator, capfd: pytest.CaptureFixture[str]
) -> None:
    session = open_session(division(), accelerator)
    assert session.run(None, numbers(6.0, 3.0))[0].tolist() == [2.0]
    if accelerator not in accelerators():
        assert session.accelerator == "cpu"
    assert capfd.readouterr().out == ""


def test_the_cpu_is_always_there() -> None:
    assert "cpu" in accelerators()
    assert open_session(division()).accelerator == "cpu"


@pytest.mark.parametrize("accelerator", ACCELERATORS)
def test_what_is_no_model_is_refused_on_each(
    accelerator: Accelerator, capfd: pytest.CaptureFixture[str]
) -> None:
    for data in (b"", b"no model", division()[:-20], onnx.ModelProto().SerializeToString()):
        with pytest.raises(ValueError, match="ONNXRuntime"):
            open_session(data, accelerator)
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(("a", "b"), [(1.0, 0.0), (-1.0, 0.0), (0.0, 0.0), (1e38, 0.1), (1e33, 1)])
def test_numbers_that_are_none_are_refused(a: float, b: float) -> None:
    with pytest.raises(LullError, match="infinite or none at all"):
        open_session(division()).run(None, numbers(a, b))


def test_what_a_model_cannot_take_is_told_in_one_line() -> None:
    session = open_session(division())
    with pytest.raises(LullError, match="failed while it ran") as told:
        session.run(None, {"a": np.zeros(3, np.float32), "b": np.zeros(3, np.float32)})
    assert "\n" not in str(told.value)


def test_an_unknown_accelerator_is_the_users_mistake(tmp_path: Path) -> None:
    (tmp_path / "lull.toml").write_text('[device]\naccelerator = "npu"\n')
    with pytest.raises(UserError, match=r"device.accelerator .* cpu, cuda, tensorrt, not 'npu'"):
        load_settings(tmp_path / "lull.toml")
