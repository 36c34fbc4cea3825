"""The real ``lull`` command in a process of its own, with a state folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import pytest

from firmware_py.config.paths import Paths

LULL = Path(sys.executable).with_name("lull")


def never_began(err: str) -> bool:
    """Tell whether a signal met the interpreter before it was up, and so nothing of ours."""
    return "Fatal Python error: init_" in err


# In a shell's background job SIGINT is ignored, and a child would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object that ``--json`` printed; anything beside it is an error."""
        return json.loads(self.out)

    @property
    def last_line(self) -> str:
        """The last line on stderr: why it ended."""
        return self.err.rstrip("\n").rpartition("\n")[2]


@dataclass(frozen=True)
class Lull:
    """Runs commands in ``folder``."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def start(
        self, *args: str, stdout: int | TextIO = subprocess.PIPE, **more_env: str
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [LULL, *args],
            cwd=self.folder,
            env={**self.env, **more_env},
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *args: str, timeout: float = 120, **more_env: str) -> Ran:
        process = self.start(*args, **more_env)
        try:
            out, err = process.communicate(timeout=timeout)
        finally:
            process.kill()
        return Ran(process.returncode, out, err)


@pytest.fixture
def lull(tmp_path: Path, paths: Paths) -> Lull:
    """The command with an empty state folder and working folder, and no sound card."""
    folder = tmp_path / "here"
    folder.mkdir()
    env = {key: value for key, value in os.environ.items() if not key.startswith("LULL_")}
    no_card = tmp_path / "asound.conf"
    no_card.write_text("pcm.pulse { type pulse }\n")  # of a server that is not there
    env |= {
        "HOME": str(tmp_path / "home"),
        "LULL_STATE": str(tmp_path / "state"),
        "LULL_MODELS": str(paths.models),
        "ALSA_CONFIG_PATH": str(no_card),
        "PULSE_SERVER": "unix:/nowhere",
    }
    return Lull(folder, env)


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Path]:
    """A tmpfs of 6 MB. Needs root, as in a container; elsewhere the tests that use it skip."""
    folder = tmp_path / "mount"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, check=False).returncode != 0:
        pytest.skip("mounting a tmpfs needs root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def assert_one_clear_line(ran: Ran, code: int, *words: str) -> None:
    """The contract's exit code, one line that says it, no traceback, nothing on stdout."""
    assert ran.code == code, ran
    assert "Traceback" not in ran.err
    assert ran.last_line.startswith("lull: "), ran.err
    for word in words:
        assert word in ran.last_line
