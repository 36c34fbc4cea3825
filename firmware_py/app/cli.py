"""The ``lull`` command: exit code and one line for whatever happens.

Nothing is imported before ``main`` runs, so that Ctrl-C is answered from the first moment.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line of this process and return its exit code."""
    try:
        from firmware_py.app.program import run_program  # noqa: PLC0415 - see the module's text

        return run_program(sys.argv[1:])
    except KeyboardInterrupt:
        return 130
