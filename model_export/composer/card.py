"""The composer's card, generated from its manifest: nothing in it is typed by hand."""

from __future__ import annotations

from typing import Any, Final

from firmware_py.compose.controls import CONTROLS
from model_export.composer import card_realism

TITLES: Final = {
    "tonicnet": "GRU over single tokens, chords first (TonicNet-like)",
    "remi": "REMI tokens (MidiTok), Transformer",
    "uncontrolled": "ours, never told a control",
    "controlled": "ours with controls, by the baselines' budget",
    "bigram": "bigram",
}


def markdown(manifest: dict[str, Any]) -> str:
    """Return the card as Markdown."""
    metrics = manifest["metrics"]
    lines = [
        *_head(manifest),
        *_likelihood(metrics["likelihood"]["models"], metrics["likelihood"]["works"]),
        *_chorales(metrics["chorales"]),
        *_obedience(metrics["obedience"], metrics["calm"]),
        *card_realism.lines(metrics.get("realism")),
        *_hours(metrics["hours"]),
        *_device(manifest),
        *_data(manifest["data"]),
    ]
    return "\n".join(lines) + "\n"


def _head(manifest: dict[str, Any]) -> list[str]:
    numbers = manifest["hyperparameters"]
    size = sum(file["bytes"] for file in manifest["files"].values()) / 1e6
    return [
        "# Model card: the composer",
        "",
        "Made by `python -m model_export corpus | train | export | baselines | jsb | evaluate`;",
        "this page is written by the last of them.",
        "",
        f"A GRU of {numbers['hidden']} units, an attention over the last {numbers['memory']}",
        f"events ({numbers['heads']} heads) and a second GRU; one step an event.",
        f"{manifest['parameters'] / 1e6:.2f} M parameters, {manifest['precision']}, {size:.1f} MB.",
        f"Trained for {manifest['training_minutes']:.0f} minutes on one CPU core,",
        f"seed {manifest['seed']}{_begun(manifest.get('origin'))}.",
        "",
        "![The training's validation curve](img/composer-training.png)",
        "",
    ]


def _begun(origin: dict[str, Any] | None) -> str:
    if origin is None:
        return ""
    return (
        f",\nfrom the weights of the release before (`step.onnx` {origin['sha256'][:12]}, "
        f"{origin['minutes']:.0f} minutes)"
    )


def _likelihood(rows: list[dict[str, Any]], works: int) -> list[str]:
    lines = [
        "## Likelihood",
        "",
        f"Nats a note over {works} test works, none of them trained on: the cost of every token of",
        "the piece (ours: chords and bar lines too) divided by its notes. All models are given the",
        "same notes on the same grid, moved to the same key. The baselines have had the minutes of",
        "one core that stand in their row: only rows of like minutes compare architectures. With",
        f"controls given, which is how it is used, this model is told {CONTROLS} numbers about",
        "each bar that the others are not: compare them with its row where they are withheld.",
        "Intervals are 95%, by bootstrap over works.",
        "",
        "| | nats a note | 95% | this model, controls given, against it | parameters | minutes |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        name = TITLES.get(row["name"], row["name"])
        if "interval" not in row:
            lines.append(f"| {name} | {row['nats']:.3f} | | | | |")
            continue
        low, high = row["interval"]
        less, more = (100 * (share - 1) for share in row["ours_share"])
        against = "" if row is rows[0] else f"{less:+.1f}% to {more:+.1f}%"
        lines.append(
            f"| {name} | {row['nats']:.3f} | {low:.3f} to {high:.3f} | {against} "
            f"| {row['parameters'] / 1e6:.2f} M | {row['minutes']:.0f} |"
        )
    missing = [name for key, name in TITLES.items() if key not in {row["name"] for row in rows}]
    if missing:
        lines += ["", "Not trained yet (`python -m model_export baselines`):"]
        lines.append("; ".join(missing) + ".")
    first = rows[0]
    return [
        *lines,
        "",
        f"Of its {first['nats']:.3f} nats, {first['place']:.3f} are for when,",
        f"{first['symbol']:.3f} for which pitch or chord, {first['duration']:.3f} for how long.",
        "",
    ]


def _chorales(rows: list[dict[str, Any]]) -> list[str]:
    lines = ["## JSB Chorales", ""]
    if not rows:
        return [*lines, "Not measured yet (`python -m model_export jsb`).", ""]
    return [
        *lines,
        "Joint nats a note (a cell of the sixteenth grid), published split, trained on it alone.",
        "Published on the validation split: Music Transformer 0.335, relative attention 0.357,",
        "Transformer 0.417, CoCoNet in order 0.436; TonicNet, joint, 0.396. `ours`: the composer's",
        "trunk; `gru-changes`: three plain GRU layers in its place, all else alike, the look-up of",
        "alike moments in the training chorales too; `gru`: the same layers a step a cell, without",
        "it. A mean is that of the probabilities of networks from as many seeds.",
        "",
        "| | validation | test | parameters | minutes |",
        "|---|---|---|---|---|",
        *(
            f"| {row['model']} | {row['validation']:.4f} | {row['test']:.4f} "
            f"| {row['parameters'] / 1e6:.2f} M | {row['minutes']:.1f} |"
            for row in rows
        ),
        "",
    ]


def _obedience(obedient: dict[str, Any], calm: dict[str, Any]) -> list[str]:
    names = list(obedient["own"])
    mood, goal, share = calm["worst"]
    return [
        "## Obedience",
        "",
        "Independent values asked of all targets at once, new ones every eight bars, measured in",
        f"each of {obedient['bars']} bars of the device's own music. Own: Spearman's correlation",
        "of asked and got. Others: what asking does to each other target (a regression of ranks;",
        "0 is nothing).",
        "",
        "| asked | own | " + " | ".join(f"on {name}" for name in names) + " |",
        "|" + "---|" * (len(names) + 2),
        *(
            f"| {name} | {obedient['own'][name]:.3f} | "
            + " | ".join(
                f"{obedient['leakage'][name][other]:+.3f}" if other != name else ""
                for other in names
            )
            + " |"
            for name in names
        ),
        f"| mean | {obedient['mean_own']:.3f} (target 0.95) "
        f"| {obedient['mean_leakage']:.3f} (target 0.05) |" + " |" * (len(names) - 1),
        "",
        f"Sessions of {calm['minutes']:.0f} minutes, every mood and goal ({calm['sessions']}):",
        f"{100 * calm['share']:.1f}% of the bars are within the plan in every target at once",
        "(target 95%; "
        + ", ".join(f"{name} {100 * part:.1f}%" for name, part in calm["by_target"].items())
        + f"); least in {mood} to {goal}, {100 * share:.0f}%.",
        "",
    ]


def _hours(rows: list[dict[str, Any]]) -> list[str]:
    lines = [
        "## Three hours",
        "",
        "Verbatim: share of bars that are, note for note, an earlier bar. Passages: eight bars",
        "that stood before, at any pitch (the form never asks for one).",
        "",
        "| | bars | themes | keys | verbatim | longest passage | passages |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {row['name']} | {row['bars']} | {row['themes']} | {row['keys']} "
            f"| {100 * row['verbatim']:.1f}% | {row['longest']} bars | {row['passages']} |"
            for row in rows
        ),
        "",
    ]
    for row in rows:
        name = row["name"]
        lines += [
            f"![{name}: the plan and the notes](img/hour-{name}-roll.png)",
            f"![{name}: every bar beside every bar](img/hour-{name}-likeness.png)",
            "",
        ]
    return [
        *lines,
        "To hear: "
        + ", ".join(f"[{row['name']}](audio/{row['name']}.ogg)" for row in rows)
        + " (`python -m model_export excerpts`:",
        "sessions of a minute). As long as wanted, and as this version writes it:",
        "",
        "```",
        *(
            f"lull compose --mood {row['name'].split('-')[0]} --goal {row['name'].split('-')[1]} "
            f"--minutes 60 --seed {row['seed']} --out {row['name']}.wav"
            for row in rows
        ),
        "```",
        "",
    ]


def _device(manifest: dict[str, Any]) -> list[str]:
    int8 = manifest["metrics"]["int8"]
    return [
        "## On the device",
        "",
        f"int8 against fp32 on the same events: {int8['int8']:.3f} against {int8['fp32']:.3f} nats",
        f"a note, {100 * int8['worse_by']:+.2f}% (target at most +1%).",
        "",
        *_speed(manifest["metrics"]["speed"]),
    ]


def _speed(found: dict[str, Any]) -> list[str]:
    stretches = {
        "first ten minutes": found["beginning"],
        "after an hour": found["after_an_hour"],
    }
    return [
        "One session from anxious to sleep, one core of the machine that measured",
        "(`python -m model_export bench`; all budgets: [benchmarks](benchmarks.md)).",
        f"First bar {found['first_bar_ms']:.0f} ms, graphs {found['bytes'] / 1e6:.1f} MB",
        "(target at most 12).",
        "",
        "| | x real time (target 50) | a bar, median | 99th percentile |",
        "|---|---|---|---|",
        *(
            f"| {name} | {part['times_real']:.0f} | {part['median_ms']:.1f} ms "
            f"| {part['p99_ms']:.1f} ms |"
            for name, part in stretches.items()
        ),
        "",
    ]


def _data(rows: list[dict[str, Any]]) -> list[str]:
    return [
        "## Data",
        "",
        "What is in it: [the corpus](corpus.md).",
        "",
        "| source | licence | credit |",
        "|---|---|---|",
        *(
            f"| [{row['title']}]({row['home']}) | {row['licence']} | {row['credit'] or '-'} |"
            for row in rows
        ),
        "",
        "Quartets and mixed ensembles are read but not trained on.",
    ]
