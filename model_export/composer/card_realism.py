"""The card's part on how the music compares with real music."""

from __future__ import annotations

from typing import Any


def lines(realism: dict[str, Any] | None) -> list[str]:
    """Return Markdown lines from what ``evaluation.rows.realism`` measured, if it was."""
    if realism is None:
        missing = (
            "Not measured yet for this model (`python -m model_export evaluate --only realism`)."
        )
        return ["## Beside real music", "", missing, ""]
    return [
        "## Beside real music",
        "",
        f"{realism['excerpts']} excerpts of sixteen bars from {realism['test_works']} test works.",
        '"At the same controls" is the network alone, sampled freely under the very controls of',
        'those excerpts. "Sessions" is the device\'s own music, the three hours below: always',
        "4/4, always calm, so it differs from Chopin and hymns on purpose; it stands against the",
        "excerpts in 4/4.",
        "",
        *_two_sample(realism["two_sample"]),
        *_distributions(realism["distributions"]),
        *_structure(realism["structure"]),
        *_copying(realism["copying"]),
    ]


def _two_sample(rows: dict[str, Any]) -> list[str]:
    found = [
        "### Can a classifier tell?",
        "",
        "Gradient-boosted trees on features of bars and phrases, cross-validated by work; 0.5: it",
        "cannot tell, 1: it always can (target at most 0.65).",
        "",
        "| | AUC | 95% | tells most |",
        "|---|---|---|---|",
    ]
    for name, row in rows.items():
        most = ", ".join(one["feature"] for one in row["leans_on"][:4])
        band = f"{row['low']:.3f} to {row['high']:.3f}"
        found.append(f"| {name} | {row['auc']:.3f} | {band} | {most} |")
    return [*found, ""]


def _distributions(rows: dict[str, Any]) -> list[str]:
    names = list(next(iter(rows.values())))
    found = [
        "### Distributions",
        "",
        "Overlap of the shares with those of other test works; in brackets the 95% band of real",
        "halves with each other (target: within).",
        "",
        "| | " + " | ".join(names) + " |",
        "|" + "---|" * (len(names) + 1),
    ]
    for contender, row in rows.items():
        cells = (
            f"{one['generated']:.3f} ({one['low']:.3f} to {one['high']:.3f})"
            + ("" if one["within"] else " no")
            for one in (row[name] for name in names)
        )
        found.append(f"| {contender} | " + " | ".join(cells) + " |")
    return [*found, ""]


def _structure(rows: dict[str, Any]) -> list[str]:
    return [
        "### Structure",
        "",
        "Structureness of the hours at each scale (how strongly a stretch of so many bars comes",
        "again; 0 to 1), beside test works.",
        "",
        "| bars | hours | test works | 95% of their means | share of windows within theirs |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {row['generated']:.3f} | {row['real']:.3f} | {row['low']:.3f} to "
            f"{row['high']:.3f} | {100 * row['inside']:.0f}% |"
            for name, row in rows.items()
        ),
        "",
    ]


def _copying(rows: dict[str, Any]) -> list[str]:
    return [
        "### Copying",
        "",
        "Longest run (interval and duration, at any pitch) that also stands in a training work,",
        "in notes less one, 95th percentile over excerpts; beside it that of the test works,",
        "which nobody copied (target: not above).",
        "",
        "| | line | generated | test works | longest of each |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {line} | {row['generated']:.0f} | {row['real']:.0f} | "
            f"{row['generated_longest']}, {row['real_longest']} |"
            for name, found in rows.items()
            for line, row in found.items()
        ),
        "",
    ]
