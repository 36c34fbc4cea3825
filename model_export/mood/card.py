"""Writes the model card, Markdown, from what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from firmware_py.messages.mood import MOOD_LABELS, label_position
from model_export.mood.label_map import LABEL_MAP, Shares
from model_export.mood.own_tasks import OwnTasks
from model_export.mood.report import Report

_LIMITS = """\
- It reads English and Mandarin in simplified characters; other scripts get an answer of little
  worth.
- It is a bag of words and short phrases: it does not follow who feels what through a long story,
  nor irony.
- "Overwhelmed", "stressed", "tired" and "sleepless" are known almost only from our phrase books: no
  public data set labels them. "Grieving" is known little beyond them.
- The data sets' Chinese is written (forums), not spoken.
- It is no medical instrument. It does not recognise distress reliably; do not use it for that.
- Valence and arousal are places of words in Russell's plane (`firmware_py/messages/mood.py`) scaled
  by intensity, not measurements of a person.
"""


def card(report: Report, tasks: OwnTasks, manifest: dict[str, Any]) -> str:
    """Return the card's text."""
    sections = (
        _head(manifest),
        _held_out(report),
        _phenomena(report),
        _data_sets(report),
        _own_tasks(tasks),
        _calibration(report, manifest),
        _form(report, manifest),
        _worst(report),
        _labels(),
        f"## Limits\n\n{_LIMITS}",
    )
    return "\n".join(sections)


def _head(manifest: dict[str, Any]) -> str:
    data = [
        [item["title"], item["licence"], f"`{item['sha256'][:12]}`", item["upstream"]]
        for item in manifest["data"]
    ]
    return (
        "# Card of the mood reader\n\n"
        "Written by `python -m model_export mood`; do not edit.\n\n"
        "One network for English and Chinese: hashed words, word pairs and triples, characters "
        "inside words, Chinese characters and runs of them → gated sum → one hidden layer → "
        "fifteen moods, valence and arousal, and the goal that a sentence asks for. It runs in "
        "onnxruntime on "
        f"one thread; `{manifest['file']['name']}` is {manifest['file']['bytes'] / 1e6:.1f} MB, "
        f"int8, SHA-256 `{manifest['file']['sha256'][:16]}`, seed {manifest['seed']}, "
        f"source `{manifest['commit']}`.\n\n"
        "## Data\n\n"
        f"{_table(['what', 'licence', 'SHA-256', 'from'], data)}\n"
        f"Rows: {manifest['rows']['public']:,} of public data, {manifest['rows']['phrases']:,} "
        "sentences expanded from our own phrase books (`model_export/mood/phrases_*.toml`, "
        "Apache-2.0). Each training row whose text also stands in a test split or in the held-out "
        "sentences was dropped. Data sets were changed: their labels are mapped to ours (table "
        "below).\n"
    )


def _held_out(report: Report) -> str:
    rows = []
    for language, figures in report.held_out.items():
        for name, shown in (
            ("Lull", figures),
            ("TF-IDF + logistic regression", report.held_out_baseline[language]),
        ):
            rows.append(
                [
                    language,
                    name,
                    *(
                        _percent(value)
                        for value in (
                            shown.any_label,
                            shown.first_label,
                            shown.macro_f1,
                            shown.four_way,
                            shown.valence_sign,
                        )
                    ),
                    f"{shown.calibration_error:.3f}",
                ]
            )
    sizes = " and ".join(
        f"{figures.sentences} ({language})" for language, figures in report.held_out.items()
    )
    goals = ", ".join(f"{_percent(value)} {name}" for name, value in report.goals.items())
    head = [
        "language",
        "reader",
        "acceptable label",
        "first label",
        "macro-F1",
        "sad / angry / happy / anxious",
        "sign of valence",
        "ECE",
    ]
    return (
        "## Our held-out sentences\n\n"
        f"{sizes} sentences, written apart from the phrase books in other words "
        "(`model_export/mood/heldout_*.toml`). *First label* wants what the sentence says; "
        "*acceptable* also takes readings that one cannot call wrong (“my heart's beating really "
        "fast”: anxious or afraid). The baseline learned from the same rows.\n\n"
        f"{_table(head, rows)}\n"
        f"Sign of valence by the VADER lexicon (English): {_percent(report.lexicon_valence_sign)}. "
        f"Goal hint right, or rightly none: {goals}.\n"
    )


def _phenomena(report: Report) -> str:
    names = sorted({n for figures in report.held_out.values() for n in figures.by_phenomenon})
    rows = [
        [
            name,
            *(
                _percent(figures.by_phenomenon[name]) if name in figures.by_phenomenon else "-"
                for figures in report.held_out.values()
            ),
        ]
        for name in names
    ]
    return f"By phenomenon (acceptable label):\n\n{_table(['', *report.held_out], rows)}"


def _data_sets(report: Report) -> str:
    rows = []
    for name, figures in report.data_sets.items():
        other = report.data_sets_baseline[name]
        rows.append(
            [
                name,
                f"{figures.rows:,}",
                _percent(figures.accuracy),
                _percent(other.accuracy),
                f"{figures.macro_f1:.3f}",
                f"{other.macro_f1:.3f}",
                f"{figures.calibration_error:.3f}",
            ]
        )
    head = ["test split", "rows", "accuracy", "(baseline)", "macro-F1", "(baseline)", "ECE"]
    return (
        "## Public test splits, labels mapped to ours\n\n"
        "Rows with one main mood, fifteen-way. A reader for what people say at a bedside is not "
        "made for Reddit comments; the figures say how far it carries.\n\n"
        f"{_table(head, rows)}"
    )


def _own_tasks(tasks: OwnTasks) -> str:
    rows = [
        ["EmpatheticDialogues, accuracy over 32", f"{tasks.empathetic_accuracy_32:.3f}", ".51-.52"],
        [
            "EmpatheticDialogues, macro-F1 over nine groups",
            f"{tasks.empathetic_macro_f1_nine:.3f}",
            "-",
        ],
        ["GoEmotions, Ekman grouping, macro-F1", f"{tasks.goemotions_macro_f1_ekman:.3f}", ".567"],
        ["BRIGHTER Chinese, macro-F1", f"{tasks.brighter_zh_macro_f1:.3f}", ".518"],
        ["BRIGHTER English, macro-F1", f"{tasks.brighter_en_macro_f1:.3f}", "-"],
    ]
    return (
        "## The data sets' own labels\n\n"
        "By heads that help training and are not shipped (fp32). Situations: 15% of each emotion, "
        "drawn with the seed. The right column is TF-IDF with logistic regression trained on that "
        "data set alone, measured earlier on a split of the same kind. The nine groups are "
        "those of `label_map.py`, other emotions left out; no figure with the same groups is known "
        "to us.\n\n"
        f"{_table(['task', 'this network', 'TF-IDF'], rows)}"
    )


def _calibration(report: Report, manifest: dict[str, Any]) -> str:
    rows = [
        [f"{confidence:.2f}", f"{accuracy:.2f}", str(count)]
        for confidence, accuracy, count in report.reliability
    ]
    calibration = manifest["calibration"]
    return (
        "## Confidence\n\n"
        f"Temperature {calibration['temperature']}, fitted with a second network that had not seen "
        "the entries and dev splits it was measured on. Valence and arousal are "
        f"{calibration['regressed']:.0%} regressed, the rest the labels' expectation (the share "
        "with the least error there). Held-out sentences, acceptable label:\n\n"
        f"{_table(['mean confidence', 'accuracy', 'sentences'], rows)}"
    )


def _form(report: Report, manifest: dict[str, Any]) -> str:
    parity, speed = report.parity, report.speed
    return (
        "## Form\n\n"
        f"ONNX opset {manifest['opset']}. On {parity.texts} texts the largest difference of a "
        f"probability is {parity.onnx_torch_int8:.1e} between the device and torch in int8, "
        f"{parity.int8_fp32:.1e} between int8 and fp32; {_percent(parity.same_label)} get the same "
        f"label. A sentence takes {speed.network_ms:.1f} ms, with its explanation "
        f"{speed.read_ms:.1f} ms (median, one thread, on the machine that trained, which was "
        "busy).\n"
    )


def _worst(report: Report) -> str:
    rows = [
        [mistake.text, mistake.meant, mistake.named, f"{mistake.confidence:.2f}"]
        for mistake in report.mistakes
    ]
    return f"## Worst mistakes\n\n{_table(['sentence', 'meant', 'named', 'confidence'], rows)}"


def _labels() -> str:
    places = [
        [label, f"{label_position(label)[0]:+.2f}", f"{label_position(label)[1]:+.2f}"]
        for label in MOOD_LABELS
    ]
    mapped = [
        [source, name, _shares(shares)]
        for source, table in LABEL_MAP.items()
        for name, shares in table.items()
    ]
    return (
        "## Labels\n\nPlaces in the plane of Russell (JPSP 39, 1980); radius and neighbours are "
        f"ours:\n\n{_table(['label', 'valence', 'arousal'], places)}\n"
        "What the data sets' labels count as; labels not listed say nothing about ours:\n\n"
        f"{_table(['data set', 'its label', 'ours'], mapped)}"
    )


def _shares(shares: Shares) -> str:
    if len(shares) == 1:
        return next(iter(shares))
    return ", ".join(f"{label} {share:.0%}" for label, share in shares.items())


def _percent(value: float) -> str:
    return f"{100 * value:.1f}%"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [list(head), ["---"] * len(head), *(list(row) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
