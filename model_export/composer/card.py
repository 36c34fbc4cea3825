"""The composer's card, generated from its manifest: nothing in it is typed by hand."""

from __future__ import annotations

from typing import Any


def markdown(manifest: dict[str, Any]) -> str:
    """Return the card as Markdown."""
    metrics = manifest["metrics"]
    return "\n".join(
        [
            "# Model card: the composer",
            "",
            "Made by `python -m model_export corpus | train | export | evaluate`; this page is",
            "written by the last of them.",
            "",
            f"Two GRU layers of {manifest['hyperparameters']['hidden']} units, one step an event,",
            f"{manifest['parameters'] / 1e6:.2f} M parameters, {manifest['precision']},",
            f"{sum(f['bytes'] for f in manifest['files'].values()) / 1e6:.1f} MB. Trained for",
            f"{manifest['training_minutes']:.0f} minutes on one CPU core, seed {manifest['seed']}.",
            "",
            "## Likelihood",
            "",
            f"Nats a note over {metrics['test_works']} test pieces (works never trained on): every",
            "loss of every event, chords and bar lines too, divided by the number of notes.",
            "",
            "| | all | place | pitch and chord | duration |",
            "|---|---|---|---|---|",
            *(
                f"| {name} | {row['total']:.3f} | {row['place']:.3f} | {row['symbol']:.3f} "
                f"| {row['duration']:.3f} |"
                for name, row in metrics["nats_per_note"].items()
            ),
            "",
            f"int8 on the device against fp32 on the same events: {metrics['int8']['int8']:.3f}",
            f"against {metrics['int8']['fp32']:.3f}, {100 * metrics['int8']['worse_by']:+.2f}%.",
            "",
            "## Obedience",
            "",
            "One target moves, the others stay in the middle; what the written notes measure (mean",
            "over sessions of 16 bars), and Spearman's correlation over all sessions. Tension is",
            "measured as the share of sounding time outside the chord in force.",
            "",
            *(line for row in metrics["obedience"] for line in _obedience(row)),
            "## The music",
            "",
            "| | this model | the rules |",
            "|---|---|---|",
            *(
                f"| {name} | {value:.3f} | {metrics['music']['rules'][name]:.3f} |"
                for name, value in metrics["music"]["model"].items()
            ),
            "",
            (
                "Longest run of the tune's intervals and durations that also stands in a training "
                f"piece: at least {metrics['longest_copied_run']} notes "
                "(looked for: 6, 8, 10, 12, 16, 24)."
            ),
            "",
            "## Data",
            "",
            "| source | licence | credit |",
            "|---|---|---|",
            *(
                f"| [{s['title']}]({s['home']}) | {s['licence']} | {s['credit'] or '-'} |"
                for s in manifest["data"]
            ),
            "",
            "Quartets and mixed ensembles are read but not trained on yet.",
            "",
        ]
    )


def _obedience(row: dict[str, Any]) -> list[str]:
    asked = " | ".join(f"{value:g}" for value in row["asked"])
    got = " | ".join(f"{value:.2f}" for value in row["got"])
    return [
        f"| {row['target']} asked | {asked} | correlation |",
        "|" + "---|" * (len(row["asked"]) + 2),
        f"| got | {got} | {row['correlation']:.2f} |",
        "",
    ]
