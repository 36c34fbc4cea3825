"""Writes the shipped network as ONNX.

The graph is written out in ONNX's own text form, node by node: it is small, and the file then
depends on nothing but its weights. That it does what ``ShippedNet`` does is checked on every build.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import onnx
from onnx import numpy_helper, parser
from torch import Tensor

from firmware_py.messages.mood import MOOD_LABELS
from firmware_py.mood.features import KNOWN_ROWS
from model_export.mood.rows import GOAL_CLASSES
from model_export.mood.shipped import Int8Bag, ShippedNet

OPSET: Final = 18

_BAG: Final = """
    {bag}_present = Cast <to = 1> ({bag}_mask)
    {bag}_here = Unsqueeze ({bag}_present, last_axis)
    {bag}_raw = Gather ({bag}_table, {bag}_ids)
    {bag}_cast = Cast <to = 1> ({bag}_raw)
    {bag}_rows = Mul ({bag}_cast, {bag}_scale)
    {bag}_values, {bag}_gates = Split <axis = -1> ({bag}_rows, {bag}_split)
    {bag}_open = Exp ({bag}_gates)
    {bag}_weights = Mul ({bag}_open, {bag}_here)
    {bag}_weighted = Mul ({bag}_values, {bag}_weights)
    {bag}_sum = ReduceSum <keepdims = 0> ({bag}_weighted, length_axis)
    {bag}_squares = Mul ({bag}_weights, {bag}_weights)
    {bag}_energy = ReduceSum <keepdims = 0> ({bag}_squares, length_axis)
    {bag}_above = Add ({bag}_energy, one)
    {bag}_norm = Sqrt ({bag}_above)
    {bag}_pooled = Div ({bag}_sum, {bag}_norm)
"""

_MODEL: Final = """
<ir_version: 8, opset_import: ["" : {opset}], producer_name: "lull model_export mood">
mood (int64[batch, length] ids)
  => (float[batch, {labels}] mood, float[batch, 2] va, float[batch, {goals}] goal)
{{
    present = Greater (ids, zero)
    below = Less (ids, first_gram)
    known_mask = And (present, below)
    known_ids = Where (known_mask, ids, zero)
    grams_mask = Not (below)
    shifted = Sub (ids, first_gram)
    grams_ids = Where (grams_mask, shifted, zero)
    {known}
    {grams}
    pooled = Concat <axis = 1> (known_pooled, grams_pooled)
    into = Gemm <transB = 1> (pooled, into_weight, into_bias)
    hidden = Relu (into)
    features = Concat <axis = 1> (pooled, hidden)
    scores = Gemm <transB = 1> (features, mood_weight, mood_bias)
    cooled = Div (scores, temperature)
    mood = Softmax <axis = -1> (cooled)
    va_scores = Gemm <transB = 1> (features, va_weight, va_bias)
    regressed = Tanh (va_scores)
    expected = MatMul (mood, plane)
    regressed_part = Mul (regressed, regressed_share)
    expected_part = Mul (expected, expected_share)
    va = Add (regressed_part, expected_part)
    goal_scores = Gemm <transB = 1> (features, goal_weight, goal_bias)
    goal = Softmax <axis = -1> (goal_scores)
}}
"""


def write_onnx(net: ShippedNet, path: Path) -> None:
    """Write ``net`` as one ONNX file; the same weights give the same bytes."""
    text = _MODEL.format(
        opset=OPSET,
        labels=len(MOOD_LABELS),
        goals=len(GOAL_CLASSES),
        known=_BAG.format(bag="known"),
        grams=_BAG.format(bag="grams"),
    )
    model = parser.parse_model(text)
    for name, values in _constants(net).items():
        model.graph.initializer.append(numpy_helper.from_array(values, name))
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def _constants(net: ShippedNet) -> dict[str, np.ndarray]:
    """Return every number of the graph by name."""
    share = net.calibration.regressed
    linear = {
        "into": net.trunk.into,
        "mood": net.heads.mood,
        "va": net.heads.va,
        "goal": net.heads.goal,
    }
    return {
        "zero": np.array(0, dtype=np.int64),
        "first_gram": np.array(KNOWN_ROWS, dtype=np.int64),
        "last_axis": np.array([-1], dtype=np.int64),
        "length_axis": np.array([1], dtype=np.int64),
        "one": np.array(1, dtype=np.float32),
        "temperature": np.array(net.calibration.temperature, dtype=np.float32),
        "regressed_share": np.array(share, dtype=np.float32),
        "expected_share": np.array(1.0 - share, dtype=np.float32),
        "plane": _array(net.plane),
        **_bag_constants("known", net.known),
        **_bag_constants("grams", net.grams),
        **{f"{name}_weight": _array(layer.weight) for name, layer in linear.items()},
        **{f"{name}_bias": _array(layer.bias) for name, layer in linear.items()},
    }


def _bag_constants(name: str, bag: Int8Bag) -> dict[str, np.ndarray]:
    width = bag.table.shape[1]
    return {
        f"{name}_table": _array(bag.table),
        f"{name}_scale": _array(bag.scale),
        f"{name}_split": np.array([width - 1, 1], dtype=np.int64),
    }


def _array(tensor: Tensor) -> np.ndarray:
    values: np.ndarray = tensor.detach().numpy()
    return values
