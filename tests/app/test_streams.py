"""Whatever the shell makes of the standard streams: closed, full, or read by nobody."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.app.conftest import LULL, Lull, Ran


def in_shell(lull: Lull, command: str) -> Ran:
    """Run a shell command in which ``lull`` is the program; its exit code is the command's."""
    script = f'lull() {{ "{LULL}" "$@"; }}; {command}'
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=lull.folder,
        env=lull.env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("command", ["mood sad", "mood sad --json", "history", "doctor"])
def test_output_that_cannot_be_written_is_one_clear_line(lull: Lull, command: str) -> None:
    ran = in_shell(lull, f"lull {command} >/dev/full")
    assert ran.code == 2
    assert ran.err == "lull: Cannot write the output: No space left on device. Send it elsewhere.\n"


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-", "2>/dev/full"])
@pytest.mark.parametrize(("command", "code"), [("mood sad --json", 0), ('mood "" --json', 2)])
def test_a_stream_that_is_not_there_changes_nothing_else(
    lull: Lull, closed: str, command: str, code: int
) -> None:
    ran = in_shell(lull, f"lull {command} {closed}")
    assert ran.code == code, ran
    assert "Traceback" not in ran.err
    assert ">&-" in closed.split() or json.loads(ran.out)


def test_closed_streams_do_not_lend_their_numbers_to_the_files_that_are_written(
    lull: Lull,
) -> None:
    ran = in_shell(lull, "lull compose --mood sad --minutes 0.25 --out a.mid <&- >&- 2>&-")
    assert ran.code == 0
    assert (lull.folder / "a.mid").read_bytes()[:4] == b"MThd"


def test_forget_without_stdin_asks_nobody(lull: Lull) -> None:
    ran = in_shell(lull, "lull forget <&-")
    assert ran.code == 2
    assert "--yes" in ran.err


def test_a_reader_that_goes_away_is_no_failure(lull: Lull) -> None:
    ran = in_shell(lull, "lull doctor | head -n 1; exit ${PIPESTATUS[0]}")
    assert ran.code == 141
    assert ran.err == ""


def test_what_follows_two_dashes_is_the_sentence(lull: Lull) -> None:
    assert in_shell(lull, "lull mood -- --json").out.startswith("Mood: ")
