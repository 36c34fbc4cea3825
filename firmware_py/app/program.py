"""Parse, dispatch, and turn whatever went wrong into one line and the contract's exit code."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from io import TextIOWrapper

from firmware_py.app.interrupt import exit_code, raise_on_signals
from firmware_py.app.output import Output
from firmware_py.app.parser import build_parser
from firmware_py.messages.errors import LullError, UserError

EXIT_PIPE = 128 + signal.SIGPIPE


def run_program(argv: Sequence[str]) -> int:
    """Run ``lull`` with ``argv`` and return the exit code of the contract."""
    raise_on_signals()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a terminal that has no ✓ shows ? instead
            stream.reconfigure(errors="replace")
    output = Output(as_json="--json" in argv)
    try:
        code = _dispatch(argv, output)
        sys.stdout.flush()
    except KeyboardInterrupt as stop:
        # Half-built objects of libraries complain when they are taken down (vosk's do).
        sys.unraisablehook = lambda _: None
        code = exit_code(stop)
        _last_line(output, LullError("Stopped."), code)
    except BrokenPipeError:
        # The reader of our output went away (`lull history | head`): nothing is wrong.
        _silence_stdout()
        code = EXIT_PIPE
    except LullError as error:
        code = error.exit_code
        _last_line(output, error, code)
    except Exception as error:  # noqa: BLE001 - the edge of the program: a bug becomes one line
        code = LullError.exit_code
        if os.environ.get("LULL_DEBUG"):
            traceback.print_exc()
        _last_line(output, LullError(_as_bug(error)), code)
    return code


def _dispatch(argv: Sequence[str], output: Output) -> int:
    parser = build_parser()
    try:
        args = parser.parse_args(argv)
    except SystemExit as done:  # --help and --version have printed what was asked for
        return int(done.code or 0)
    if args.command is None:
        parser.print_help(sys.stderr)
        return UserError.exit_code
    return int(args.run(args, output))


def _last_line(output: Output, error: LullError, code: int) -> None:
    try:
        output.error(error, code)
        sys.stdout.flush()
    except BrokenPipeError:
        _silence_stdout()


def _silence_stdout() -> None:
    """Point stdout at nothing, so that the interpreter's last flush has nothing to complain of."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _as_bug(error: Exception) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    text = " ".join(str(error).split())
    return (
        f"Something failed inside Lull: {type(error).__name__}: {text} "
        f"({place.filename}:{place.lineno}). LULL_DEBUG=1 shows the whole trace; please report it."
    )
