"""Several processes, killed processes, full disks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from firmware_py.feedback.store import FeedbackStore
from firmware_py.messages.feedback import Feedback

RECORD = """
import sys
from pathlib import Path
from firmware_py.feedback.store import FeedbackStore
from tests.feedback.samples import MOOD, add
store = FeedbackStore(Path(sys.argv[1]), "bed")
session = store.begin_session(MOOD, "sleep", "rules").id
for _ in range(int(sys.argv[2])):
    print(add(store, session).id, flush=True)
"""


def recorder(file: Path, count: int) -> subprocess.Popen[str]:
    """Start a process that records and says each id once its row is kept."""
    command = [sys.executable, "-c", RECORD, str(file), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_record_at_once(tmp_path: Path) -> None:
    file = tmp_path / "feedback.sqlite3"
    both = [recorder(file, 40) for _ in range(2)]
    said = [process.communicate(timeout=60)[0].split() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    with FeedbackStore(file, "bed") as store:
        rows = store.history(1)
    assert {row.id for row in rows} == {*said[0], *said[1]}
    assert [row.seq for row in rows] == list(range(1, 81))


def test_a_killed_process_loses_nothing_it_said_was_kept(tmp_path: Path) -> None:
    file = tmp_path / "feedback.sqlite3"
    said: set[str] = set()
    for attempt in range(5):
        process = recorder(file, 1_000_000)
        assert process.stdout is not None
        said.add(process.stdout.readline().strip())
        time.sleep(0.02 * attempt)
        process.send_signal(signal.SIGKILL)
        lines = process.stdout.read().split("\n")
        said.update(line for line in lines[:-1] if line)
        process.wait()
    with FeedbackStore(file, "bed") as store:
        assert store.quarantined is None
        kept = store.history(1)
        pending = store.pending(1_000_000)
    assert said <= {row.id for row in kept}
    assert pending == kept
    assert len({row.id for row in kept}) == len(kept)
    assert len(kept) - len(said) <= 5  # at most the one that was kept but not yet said, each time


FULL_DISK = """
mount -t tmpfs -o size=192k tmpfs "$1" || exit 77
exec "$2" -c '
import sys
from pathlib import Path
from firmware_py.feedback.store import FeedbackStore
from firmware_py.messages.errors import LullError, UserError
from tests.feedback.samples import MOOD, add
folder = Path(sys.argv[1])
store = FeedbackStore(folder / "feedback.sqlite3", "bed")
session = store.begin_session(MOOD, "sleep", "rules").id
kept = []
try:
    while True:
        kept.append(add(store, session))
except LullError as error:
    assert "disk is full" in str(error), error
assert list(store.history(1)) == kept
export = folder / "mine.json"
try:
    store.export(export)
except UserError as error:
    assert "No space left" in str(error), error
else:
    raise AssertionError("the export fitted")
assert not export.exists()
assert [p.name for p in folder.iterdir() if "mine" in p.name] == []
store.close()
with FeedbackStore(folder / "feedback.sqlite3", "bed") as again:
    assert again.quarantined is None
    assert list(again.history(1)) == kept
print(len(kept))
' "$1"
"""


def test_a_full_disk_is_said_and_breaks_nothing(tmp_path: Path) -> None:
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ["unshare", *user, "--mount", "sh", "-c", FULL_DISK, "sh", str(tmp_path)]
    done = subprocess.run(
        [*command, sys.executable], capture_output=True, text=True, timeout=60, check=False
    )
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"no mount namespace here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0


def test_history_is_feedback_of_this_device(tmp_path: Path) -> None:
    """The name goes with the device, not with the file: a renamed device sends its new name."""
    file = tmp_path / "feedback.sqlite3"
    process = recorder(file, 1)
    process.communicate(timeout=60)
    with FeedbackStore(file, "sofa") as store:
        (row,) = store.pending(1)
    assert isinstance(row, Feedback)
    assert row.device == "sofa"
