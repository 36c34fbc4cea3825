"""``--help`` of everything, and what is printed without a command."""

from __future__ import annotations

import subprocess
import sys

import pytest

from firmware_py import __version__
from firmware_py.app.parser import build_parser
from tests.app.conftest import Lull

HEAVY = ("numpy", "rich", "matplotlib", "scipy", "vosk", "onnxruntime", "fluidsynth", "pyaudio")


def commands() -> list[str]:
    actions = build_parser()._subparsers
    assert actions is not None
    choices = actions._group_actions[0].choices
    assert choices is not None
    return list(choices)


def test_the_commands_are_those_of_the_contract() -> None:
    assert commands() == [
        "setup",
        "doctor",
        "mood",
        "listen",
        "compose",
        "play",
        "demo",
        "history",
        "export",
        "forget",
        "devices",
    ]


@pytest.mark.parametrize("command", commands())
def test_every_command_helps(lull: Lull, command: str) -> None:
    ran = lull(command, "--help")
    assert ran.code == 0
    assert f"lull {command}" in ran.out
    assert "--json" in ran.out
    assert ran.err == ""


def test_help_lists_every_command_and_version_is_told(lull: Lull) -> None:
    ran = lull("--help")
    assert ran.code == 0
    for command in commands():
        assert f"\n    {command} " in ran.out
    assert lull("--version").out == f"lull {__version__}\n"


def test_no_command_shows_the_help_and_is_a_mistake(lull: Lull) -> None:
    ran = lull()
    assert ran.code == 2
    assert ran.out == ""
    assert "commands:" in ran.err


def test_help_loads_nothing_heavy() -> None:
    program = (
        "import sys; sys.argv = ['lull', '--help']\n"
        "from firmware_py.app.cli import main\n"
        "main()\n"
        f"sys.exit(' '.join(sorted(set({HEAVY!r}) & set(sys.modules))))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert ran.stderr.strip() == ""
