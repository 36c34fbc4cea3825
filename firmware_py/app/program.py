"""Parse, dispatch, and turn whatever went wrong into one line and the contract's exit code."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from itertools import takewhile

from firmware_py.app.arguments import join_signed
from firmware_py.app.interrupt import (
    exit_code,
    ignore_unraisable,
    interrupt_behind,
    raise_on_signals,
)
from firmware_py.app.output import Output
from firmware_py.app.parser import build_parser
from firmware_py.app.streams import prepare_streams, silence
from firmware_py.messages.errors import LullError, UserError

EXIT_PIPE = 128 + signal.SIGPIPE


def run_program(argv: Sequence[str]) -> int:
    """Run ``lull`` with ``argv`` and return the exit code of the contract."""
    raise_on_signals()
    prepare_streams()
    # Asked before the options are parsed: what is wrong with them is told as JSON, too.
    output = Output(as_json="--json" in takewhile(lambda word: word != "--", argv))
    try:
        code = _dispatch(argv, output)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output went away (`lull history | head`): nothing is wrong.
        silence(sys.stdout)
        code = EXIT_PIPE
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the edge: all becomes a line
        code = _explain(error, output)
    return code


def _explain(error: BaseException, output: Output) -> int:
    """Say in one line why the program ends; return its exit code."""
    stop = interrupt_behind(error)
    if stop is not None:
        ignore_unraisable()
        told, code = LullError("Stopped."), exit_code(stop)
    elif isinstance(error, LullError):
        told, code = error, error.exit_code
    else:
        if os.environ.get("LULL_DEBUG"):
            traceback.print_exception(error)
        told, code = LullError(_as_bug(error)), LullError.exit_code
    try:
        output.error(told, code)
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout)
    return code


def _dispatch(argv: Sequence[str], output: Output) -> int:
    parser = build_parser()
    try:
        args = parser.parse_args(join_signed(argv))
    except SystemExit as done:  # --help and --version have printed what was asked for
        return int(done.code or 0)
    if args.command is None:
        parser.print_help(sys.stderr)
        return UserError.exit_code
    return int(args.run(args, output))


def _as_bug(error: BaseException) -> str:
    place = traceback.extract_tb(error.__traceback__)[-1]
    text = " ".join(str(error).split())
    return (
        f"Something failed inside Lull: {type(error).__name__}: {text} "
        f"({place.filename}:{place.lineno}). LULL_DEBUG=1 shows the whole trace; please report it."
    )
