"""The command in a process of its own, stopped from outside."""

import os
import signal
import subprocess
import sys
import time

import pytest

from model_export.corpus import store
from tests.model_export.scores import midi, played
from tests.model_export.test_corpus_archives import tar

FILES = 700
"""Several parts of the cache, of music that differs, so that nothing is a duplicate."""


@pytest.fixture
def folder(tmp_path):
    tar(
        tmp_path / "mutopia-midi.tar.xz",
        {
            f"midi_kb_free/A__{n:03d}__a.mid": midi(played((0, 96, 30 + n % 70), (96, 384, 60)))
            for n in range(FILES)
        },
    )
    return tmp_path


def command(folder):
    arguments = ["--only", "mutopia", "--out", folder / "c.npz", "--cache", folder / "cache"]
    return [sys.executable, "-m", "model_export", "corpus", *map(str, arguments)]


def start(folder):
    environment = {**os.environ, "LULL_CORPUS": str(folder)}
    # Its own session, so that the signal reaches the whole group as Ctrl-C in a terminal does.
    return subprocess.Popen(
        command(folder),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def parts(folder):
    return {path: path.stat().st_mtime_ns for path in folder.glob("cache/parsed/*/*.npz")}


def wait_for_a_part(folder, process):
    while not parts(folder):
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)


def alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_run_leaves_parts_and_no_process_and_the_next_goes_on(folder, stop):
    process = start(folder)
    wait_for_a_part(folder, process)
    if stop == signal.SIGINT:
        os.killpg(process.pid, stop)
    else:
        process.kill()
    _, said = process.communicate(timeout=60)
    while alive(process.pid):  # The readers end by themselves.
        time.sleep(0.01)
    if stop == signal.SIGINT:
        assert process.returncode == 130
        assert "Traceback" not in said
        assert said.count("stopped;") == 1
    assert not (folder / "c.npz").exists()
    kept = parts(folder)
    assert kept
    second = start(folder)
    _, said = second.communicate(timeout=120)
    assert second.returncode == 0, said
    assert kept.items() <= parts(folder).items()
    assert (
        len(store.load(folder / "c.npz")) + len(store.load_notes(folder / "c.npz")["removed"])
        == FILES
    )
