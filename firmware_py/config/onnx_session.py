"""How every model is opened and run on the device: one thread, with one kind of error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from firmware_py.messages.errors import LullError

Tensor = NDArray[Any]

# onnxruntime's exceptions have no base of their own.
_NOT_RUNNABLE: Final = (
    ort_errors.EPFail,
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)
_LARGEST: Final = 1e30
"""No healthy network comes near it, and float32 still holds a hundred million times as much."""


class Session:
    """A model that is ready. What it gives is finite, or it raises."""

    def __init__(self, session: Any) -> None:
        """``session``: an ``onnxruntime.InferenceSession``."""
        self._session = session

    def get_inputs(self) -> list[Any]:
        """Return the inputs' names, types and shapes."""
        return list(self._session.get_inputs())

    def get_outputs(self) -> list[Any]:
        """Return the outputs' names, types and shapes."""
        return list(self._session.get_outputs())

    def run(self, names: list[str] | None, feed: Mapping[str, Any]) -> list[Tensor]:
        """Return the outputs called ``names``, all of them for None.

        Raises ``LullError`` when the model cannot be run on ``feed``, and when a number that comes
        out is not finite: whatever is made of it would be nonsense.
        """
        try:
            outputs: list[Tensor] = self._session.run(names, feed)
        except _NOT_RUNNABLE as error:
            reason = " ".join(str(error).split())
            raise LullError(f"A model failed while it ran: {reason}") from error
        if not all(np.abs(output).max(initial=0.0) < _LARGEST for output in outputs):
            raise LullError("A model gave numbers that are infinite or none at all (NaN).")
        return outputs


def open_session(model: bytes) -> Session:
    """Return a session for the bytes of an ONNX file.

    Raises ``ValueError`` when they are no model that this onnxruntime can run.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(
            model,
            options,
            providers=["CPUExecutionProvider"],
            enable_fallback=0,  # it would tell about it on stdout, where results go
        )
    except _NOT_RUNNABLE as error:
        raise ValueError(str(error)) from error
    return Session(session)
