"""Every command in a ``sh`` block of README.md and docs/ runs as it is written."""

from __future__ import annotations

import re
import shlex
import signal
import time
from pathlib import Path

import pytest

from tests.app.conftest import Lull
from tests.app.test_help import commands
from tests.audio.conftest import card, card_of_session  # noqa: F401 - fixtures
from tests.audio.virtual_card import VirtualCard, wait_until

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def lines() -> list[str]:
    found = (
        line
        for document in DOCUMENTS
        for block in BLOCK.findall(document.read_text("utf-8"))
        for line in block.splitlines()
    )
    return list(dict.fromkeys(line.partition(" # ")[0].strip() for line in found))


def test_every_line_is_a_command_that_is_there() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for line in lines():
        program, *args = shlex.split(line)
        if program == "make":
            assert set(args) <= set(targets), line
        else:
            assert program == "lull", line
            assert args[0] in commands(), line


def test_the_commands_document_names_every_command() -> None:
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert [name for name in commands() if f"lull {name}" not in text] == []


QUICK = [line for line in lines() if re.match(r"lull (?!play|demo|devices)", line)]


@pytest.mark.parametrize("line", QUICK)
def test_a_documented_command_runs(lull: Lull, line: str) -> None:
    ran = lull(*shlex.split(line)[1:])
    assert ran.code == 0, ran


@pytest.mark.parametrize("line", [line for line in lines() if line.startswith("lull play")])
def test_a_documented_session_begins(lull: Lull, card: VirtualCard, line: str) -> None:  # noqa: F811
    process = lull.start(*shlex.split(line)[1:], **card.environment)
    wait_until((Path(lull.env["LULL_STATE"]) / "feedback.db").exists, "it never began", 60.0)
    time.sleep(1.0)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err


def test_the_demo_without_a_speaker_writes_files(lull: Lull) -> None:
    ran = lull("demo", "--minutes", "0.25", "--seed", "1", "--json")
    assert ran.code == 0, ran
    assert "There is no speaker" in ran.err
    names = ["lull-demo.mid", "lull-demo.png", "lull-demo.wav"]
    assert sorted(path.name for path in lull.folder.iterdir()) == names
    assert ran.json["heard"]
    assert sorted(ran.json["files"]) == names


def test_the_demo_with_a_speaker_plays(lull: Lull, card: VirtualCard) -> None:  # noqa: F811
    process = lull.start("demo", "--minutes", "0.25", "--json", **card.environment)
    wait_until((Path(lull.env["LULL_STATE"]) / "feedback.db").exists, "it never began", 60.0)
    time.sleep(2.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert '"ended": "stopped"' in out
    assert list(lull.folder.iterdir()) == []


@pytest.mark.parametrize("after_s", [0.3, 0.8, 1.5, 3.0])
def test_ctrl_c_in_the_demo_leaves_no_files(lull: Lull, after_s: float) -> None:
    process = lull.start("demo")
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert list(lull.folder.iterdir()) == []
