"""How every model is opened and run on the device: one thread, with one kind of error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from firmware_py.config.accelerator import Accelerator
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
_PROVIDERS: Final[dict[Accelerator, str]] = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
}
_BEHIND: Final[dict[Accelerator, tuple[Accelerator, ...]]] = {
    "cpu": ("cpu",),
    "cuda": ("cuda", "cpu"),
    "tensorrt": ("tensorrt", "cuda", "cpu"),
}
"""What takes over the parts of a graph, or the whole of it, that the one before cannot do."""
_LARGEST: Final = 1e30
"""No healthy network comes near it, and float32 still holds a hundred million times as much."""


class Session:
    """A model that is ready. What it gives is finite, or it raises."""

    def __init__(self, session: Any) -> None:
        """``session``: an ``onnxruntime.InferenceSession``."""
        self._session = session

    @property
    def accelerator(self) -> Accelerator:
        """What computes it, which need not be what was asked for."""
        first = self._session.get_providers()[0]
        return next(name for name, provider in _PROVIDERS.items() if provider == first)

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


def accelerators() -> tuple[Accelerator, ...]:
    """Return what this onnxruntime was built for; whether it starts is another matter."""
    built_in = onnxruntime.get_available_providers()
    return tuple(name for name, provider in _PROVIDERS.items() if provider in built_in)


def open_session(model: bytes, accelerator: Accelerator = "cpu") -> Session:
    """Return a session for the bytes of an ONNX file.

    Where ``accelerator`` is not there or does not start, the CPU computes: the caller looks at
    ``Session.accelerator`` and tells. Raises ``ValueError`` when the bytes are no model that this
    onnxruntime can run.
    """
    try:
        return Session(_started(model, _BEHIND[accelerator]))
    except _NOT_RUNNABLE as error:
        raise ValueError(str(error)) from error


def _started(model: bytes, chain: tuple[Accelerator, ...]) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    here = accelerators()
    try:
        return onnxruntime.InferenceSession(
            model,
            options,
            providers=[_PROVIDERS[name] for name in chain if name in here],
            enable_fallback=0,  # it would tell about it on stdout, where results go
        )
    except RuntimeError:  # CUDA without its libraries is only logged, TensorRT raises
        if len(chain) == 1:
            raise
        return _started(model, chain[1:])
