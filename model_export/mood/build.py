"""From data to the shipped folder: train, calibrate, round to int8, check, measure, write."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from firmware_py.messages.errors import LullError
from firmware_py.messages.mood import MOOD_LABELS
from firmware_py.mood.features import BUCKETS, FEATURES_VERSION
from firmware_py.mood.model_file import GOAL_CLASSES, MANIFEST, MoodModel, load_mood_model
from model_export.mood import vectors
from model_export.mood.baselines import Lexicon, LogisticBaseline
from model_export.mood.calibration import calibrate, predict
from model_export.mood.card import card
from model_export.mood.collect import (
    PublicData,
    expand,
    read_books,
    read_held_out,
    read_public,
    vocabulary,
)
from model_export.mood.dataset import Table
from model_export.mood.net import MoodNet
from model_export.mood.onnx_file import OPSET, write_onnx
from model_export.mood.own_tasks import own_tasks
from model_export.mood.phrase_book import HeldOut, split_book
from model_export.mood.report import Parity, check_parity, measure
from model_export.mood.rows import Row
from model_export.mood.shipped import Calibration, ShippedNet
from model_export.mood.sources import TRAINING_ARCHIVES
from model_export.mood.training import Recipe, train
from model_export.shipping import source_commit, write_whole

MODEL_FILE: Final = "mood.int8.onnx"
_UNSEEN_SHARE = 0.12
_UNSEEN_PER_LABEL = 150
_PARITY_BOUND = 1e-4
"""Largest difference of a probability between onnxruntime and torch on the same int8 table."""
_ROUNDING_BOUND = 0.02
"""Largest share of texts that int8 may name otherwise than fp32."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to build from, and how."""

    text: Path
    """Folder with the data sets' archives."""
    vectors: Path
    """Folder with the wheel of the start vectors."""
    per_label: int = 1500
    """Sentences per label and language from the phrase books."""
    recipe: Recipe = field(default_factory=Recipe)


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished network and what it learned from."""

    net: MoodNet
    calibration: Calibration
    rows: Sequence[Row]
    manifest: dict[str, Any]


def build(plan: Plan, out: Path, card_file: Path) -> None:
    """Train the reader and write its folder and its card, whole or not at all.

    Raises ``MissingError`` for data that is not there, ``LullError`` when the int8 file does not
    answer as the trained network does.
    """
    data, held_out = read_public(plan.text, plan.recipe.seed), read_held_out()
    public = data.rows("train")
    phrases = expand(read_books(), plan.per_label, plan.recipe.seed, held_out)
    known = vectors.known_rows(
        plan.vectors, vocabulary([*public, *phrases]), plan.recipe.size.known
    )
    print(f"{len(public):,} public rows, {len(phrases):,} phrases; calibrating", flush=True)
    calibration = _calibration(plan, public, data.rows("dev"), held_out, known)
    print(f"{calibration}; training", flush=True)
    net = train(Table([*public, *phrases]), plan.recipe, known)
    counts = {"public": len(public), "phrases": len(phrases)}
    trained = Trained(net, calibration, (*public, *phrases), _manifest(plan, calibration, counts))
    _finish(plan, trained, data, out, card_file)


def _calibration(
    plan: Plan,
    public: Sequence[Row],
    dev: Sequence[Row],
    held_out: Sequence[HeldOut],
    known: Tensor,
) -> Calibration:
    """Train once without some of the books' entries, and calibrate on those and the dev rows."""
    seed = plan.recipe.seed
    pairs = [split_book(book, _UNSEEN_SHARE, seed) for book in read_books()]
    seen = expand([pair[0] for pair in pairs], plan.per_label, seed, held_out)
    unseen = expand([pair[1] for pair in pairs], _UNSEEN_PER_LABEL, seed + 1, held_out)
    net = train(Table([*public, *seen]), plan.recipe, known)
    return calibrate(predict(net, Table([*unseen, *dev])))


def _finish(plan: Plan, trained: Trained, data: PublicData, out: Path, card_file: Path) -> None:
    """Export, check, measure; then put the files in place."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as draft:
        folder = Path(draft)
        model, parity = export(trained, folder)
        print("measuring", flush=True)
        report = measure(
            model,
            data,
            read_held_out(),
            LogisticBaseline(trained.rows, plan.recipe.seed),
            Lexicon(plan.text),
            parity,
        )
        tasks = own_tasks(trained.net, data)
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        manifest["metrics"] = {
            "held_out": {name: asdict(f) for name, f in report.held_out.items()},
            "data_sets": {name: asdict(f) for name, f in report.data_sets.items()},
            "own_tasks": asdict(tasks),
            "parity": asdict(parity),
        }
        out.mkdir(exist_ok=True)
        write_whole(out / MODEL_FILE, (folder / MODEL_FILE).read_bytes())
        write_whole(out / MANIFEST, _json(manifest))
        card_file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(card_file, card(report, tasks, manifest).encode("utf-8"))
    print(f"wrote {out} ({manifest['file']['bytes'] / 1e6:.1f} MB) and {card_file}")


def export(trained: Trained, folder: Path) -> tuple[MoodModel, Parity]:
    """Write model and manifest to ``folder``; load them as the device does and compare.

    Raises ``LullError`` when the int8 file does not answer as the trained network does.
    """
    int8 = ShippedNet(trained.net, trained.calibration, is_int8=True)
    fp32 = ShippedNet(trained.net, trained.calibration, is_int8=False)
    write_onnx(int8, folder / MODEL_FILE)
    data = (folder / MODEL_FILE).read_bytes()
    file = {"name": MODEL_FILE, "sha256": sha256(data).hexdigest(), "bytes": len(data)}
    write_whole(folder / MANIFEST, _json({**trained.manifest, "file": file}))
    model = load_mood_model(folder)
    parity = check_parity(model, int8, fp32, trained.rows)
    if parity.onnx_torch_int8 > _PARITY_BOUND or parity.same_label < 1 - _ROUNDING_BOUND:
        raise LullError(f"The exported mood model differs from the trained one: {parity}.")
    return model, parity


def _json(manifest: dict[str, Any]) -> bytes:
    return (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode("utf-8")


def _manifest(plan: Plan, calibration: Calibration, counts: dict[str, int]) -> dict[str, Any]:
    sources = [
        {
            "title": archive.title,
            "upstream": archive.upstream,
            "licence": archive.licence,
            "sha256": archive.sha256,
        }
        for archive in TRAINING_ARCHIVES
    ]
    start = {
        "title": f"{vectors.TITLE}, vectors to start from",
        "upstream": vectors.UPSTREAM,
        "licence": vectors.LICENCE,
        "sha256": vectors.WHEEL_SHA256,
    }
    return {
        "name": "mood",
        "features_version": FEATURES_VERSION,
        "buckets": BUCKETS,
        "labels": list(MOOD_LABELS),
        "goals": list(GOAL_CLASSES),
        "opset": OPSET,
        "seed": plan.recipe.seed,
        "recipe": asdict(plan.recipe),
        "calibration": asdict(calibration),
        "commit": source_commit(),
        "torch": str(torch.__version__),
        "licence": "Apache-2.0",
        "data": [*sources, start],
        "rows": counts,
    }
