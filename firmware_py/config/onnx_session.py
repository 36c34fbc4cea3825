"""How every model is opened on the device: one thread, on the CPU, with one kind of error."""

from __future__ import annotations

from typing import Final

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

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


def open_session(model: bytes) -> onnxruntime.InferenceSession:
    """Return a session for the bytes of an ONNX file.

    Raises ``ValueError`` when they are no model that this onnxruntime can run.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except _NOT_RUNNABLE as error:
        raise ValueError(str(error)) from error
