"""``lull doctor``: say whether everything is there that the main job needs."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from firmware_py.app.arguments import Subparsers, common_options
from firmware_py.app.output import Output
from firmware_py.messages.errors import MissingError

_SIGNS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "missing": ("✗", "red")}


def register(subparsers: Subparsers) -> None:
    """Add the command."""
    parser = subparsers.add_parser(
        "doctor",
        parents=[common_options()],
        help="check everything, and say what mends it",
        description="Checks everything that Lull needs to hear, compose and play, and names the "
        "command that mends what is missing. Exit code 0 if the main job can run, else 3.",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace, output: Output) -> int:
    """Print each finding as it comes."""
    from firmware_py.app.doctor import examine  # noqa: PLC0415 - the checks load everything

    findings = []
    for finding in examine(args.config):
        findings.append(finding)
        sign, style = _SIGNS[finding.status]
        output.say(f"{sign} {finding.name}: {finding.detail}", style)
        if finding.fix:
            output.say(f"    fix: {finding.fix}")
    ok = all(finding.status != "missing" for finding in findings)
    output.say("Ready." if ok else "Not ready: mend what is marked ✗.")
    output.result({"ok": ok, "checks": [asdict(finding) for finding in findings]})
    return 0 if ok else MissingError.exit_code
