"""A small Debian for arm64 and its Python, run by qemu's user-mode emulation.

Everything comes from Debian's and Python's own archives into ``.cache/aarch64``; nothing is
installed on this machine. It needs Debian's package ``qemu-user-static`` and network once.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
CACHE: Final = ROOT / ".cache" / "aarch64"
_DEBIAN: Final = ("python3", "libfluidsynth3", "libstdc++6")
_PYTHON: Final = (
    "numpy", "onnxruntime", "scipy", "pyfluidsynth", "soundfile", "pyloudnorm", "mido", "rich",
)  # fmt: skip
"""What composing and rendering import, in the versions that are installed here."""
_GLIBC: Final = range(17, 37)
"""Minor versions of glibc 2 that Debian 12 runs wheels for."""


def prepare() -> None:
    """Fetch and unpack what is not there yet. Ends the program when there is no emulator."""
    if shutil.which("qemu-aarch64-static") is None:
        sys.exit("There is no emulator here: apt-get install qemu-user-static")
    if not (CACHE / "ready").exists():
        _unpack_debian()
        _unpack_wheels()
        (CACHE / "ready").touch()


def run(cpu: str, args: Sequence[str]) -> str:
    """Run arm64's Python with ``args`` on an emulated ``cpu``; return what it printed.

    ``/sys`` is hidden: it tells of this machine's cores, and onnxruntime crashes over them.
    """
    hidden = 'mount -t tmpfs none /sys && exec "$@"'
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    inside = ["unshare", *as_root, "--mount", "sh", "-c", hidden, "sh"]
    emulated = ["qemu-aarch64-static", "-L", str(CACHE / "root"), str(_python()), *args]
    done = subprocess.run(
        [*inside, *emulated],
        env={
            "QEMU_CPU": cpu,
            "PATH": os.environ["PATH"],
            "HOME": str(CACHE),
            "LULL_STATE": str(CACHE / "state"),
            "PYTHONPATH": f"{ROOT}:{CACHE / 'site'}",
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"The emulated Python ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def _python() -> Path:
    return next(path for path in (CACHE / "root/usr/bin").glob("python3.*") if path.is_file())


def _unpack_debian() -> None:
    """Let apt work out what is needed for a machine on which nothing is installed."""
    for folder in ("lists/partial", "archives/partial", "root"):
        (CACHE / folder).mkdir(parents=True, exist_ok=True)
    (CACHE / "status").touch()
    options = {
        "APT::Architecture": "arm64",
        "APT::Architectures": "arm64",
        "Dir::State::Lists": CACHE / "lists",
        "Dir::State::status": CACHE / "status",
        "Dir::Cache": CACHE,
    }
    apt = ["apt-get", "-qq", *(f"-o{key}={value}" for key, value in options.items())]
    _do(*apt, "update")
    _do(*apt, "install", "--yes", "--download-only", "--no-install-recommends", *_DEBIAN)
    for package in sorted((CACHE / "archives").glob("*.deb")):
        _do("dpkg-deb", "--extract", str(package), str(CACHE / "root"))


def _unpack_wheels() -> None:
    wheels = CACHE / "wheels"
    platforms = [f"--platform=manylinux_2_{minor}_aarch64" for minor in _GLIBC]
    _do(
        sys.executable, "-m", "pip", "download", "--quiet", "--only-binary=:all:",
        f"--python-version={_python().name.removeprefix('python')}", "--implementation=cp",
        *platforms, "--platform=manylinux2014_aarch64", f"--dest={wheels}",
        *(f"{name}=={version(name)}" for name in _PYTHON),
    )  # fmt: skip
    for wheel in sorted(wheels.glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(CACHE / "site")


def _do(*command: str) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr)
