"""What a person or a program reads: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from firmware_py.app.streams import silence
from firmware_py.messages.errors import LullError, MissingError, UserError

if TYPE_CHECKING:
    from rich.console import Console


Progress = Callable[[str, float, float | None], None]
"""Told what is being done, how much of it is done, and how much it is in all (None: unknown)."""


@dataclass(frozen=True, slots=True)
class Output:
    """Human text, or with ``as_json`` exactly one JSON object on stdout and nothing else."""

    as_json: bool

    @property
    def live(self) -> bool:
        """Whether a person watches a terminal, so that a moving display makes sense."""
        return not self.as_json and sys.stdout.isatty()

    def result(self, data: Mapping[str, object]) -> None:
        """Print the command's object; only with ``--json``."""
        if self.as_json:
            ascii_only = sys.stdout.encoding.lower() != "utf-8"
            _print(json.dumps(data, ensure_ascii=ascii_only, allow_nan=False))

    def say(self, text: str, style: str | None = None) -> None:
        """Print a line for a person on stdout; silent with ``--json``."""
        if self.live:
            self.console().print(text, style=style, markup=False, highlight=False, soft_wrap=True)
        elif not self.as_json:
            _print(text)

    def note(self, text: str) -> None:
        """Print a line that is not part of the result, on stderr."""
        _tell(text)

    def warn(self, text: str | None) -> None:
        """Print what is not as it should be, on stderr; nothing when all is well."""
        if text is not None:
            self.note(f"lull: {text}")

    def error(self, error: LullError, exit_code: int) -> None:
        """Print why the program ends: a line on stderr and, with ``--json``, the object."""
        self.note(f"lull: {error}")
        fix = error.fix if isinstance(error, MissingError) else None
        text = str(error).removesuffix(f" Fix: {fix}")
        self.result({"error": {"text": text, "fix": fix, "exit_code": exit_code}})

    def console(self, *, stderr: bool = False) -> Console:
        """Return a rich console on stdout or stderr; plain when that is no terminal."""
        from rich.console import Console  # noqa: PLC0415 - 50 ms that --help does not need

        return Console(stderr=stderr)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Show on stderr how far a long piece of work is: a bar in a terminal, else a few lines."""
        if not sys.stderr.isatty():
            yield _PlainProgress()
            return
        from rich.progress import BarColumn, TextColumn  # noqa: PLC0415 - as above
        from rich.progress import Progress as Bars  # noqa: PLC0415

        columns = (TextColumn("{task.description}", markup=False), BarColumn())
        with Bars(*columns, console=self.console(stderr=True), transient=True) as bars:
            task = bars.add_task("", total=None)
            yield lambda doing, done, total: bars.update(
                task, description=doing, completed=done, total=total
            )


class _PlainProgress:
    """A line on stderr at most every five seconds: fit for a log file."""

    def __init__(self) -> None:
        self._next = time.monotonic() + 5.0

    def __call__(self, doing: str, done: float, total: float | None) -> None:
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + 5.0
            share = f"{done / total:.0%}" if total else f"{done:g}"
            _tell(f"{doing}: {share}")


def _print(text: str) -> None:
    """Print a line of the result. Raises ``UserError`` when stdout takes no more."""
    try:
        print(text, flush=True)  # noqa: T201 - the result
    except BrokenPipeError:
        raise
    except OSError as error:
        silence(sys.stdout)
        raise UserError(f"Cannot write the output: {error.strerror}. Send it elsewhere.") from error


def _tell(text: str) -> None:
    """Print a line on stderr; when stderr takes no more, there is nobody left to be told."""
    try:
        print(text, file=sys.stderr, flush=True)  # noqa: T201 - the program's own notes
    except BrokenPipeError:
        raise
    except OSError:
        silence(sys.stderr)
