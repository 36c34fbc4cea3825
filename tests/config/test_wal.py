"""Two programs that begin one new database at the same moment both get it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BEGIN = """
import sqlite3, sys
from firmware_py.config.wal import begin_wal
sys.stdin.readline()
for file in sys.argv[1:]:
    connection = sqlite3.connect(file, timeout=5, isolation_level=None)
    begin_wal(connection, 5)
    connection.execute("CREATE TABLE IF NOT EXISTS t (a)")
"""


def test_two_processes_begin_the_same_files(tmp_path: Path) -> None:
    files = [str(tmp_path / f"{n}.db") for n in range(300)]
    both = [
        subprocess.Popen([sys.executable, "-c", BEGIN, *files], stdin=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.wait(60) for process in both] == [0, 0, 0]
    for process in both:
        assert process.stdin is not None
        process.stdin.close()
