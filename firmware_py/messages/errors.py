"""The errors that Lull tells a person about.

::

    LullError                exit code 4: our fault, please report
    ├── UserError            exit code 2: bad option, unreadable file, bad settings key
    └── MissingError         exit code 3: a model, soundfont or sound device is not there;
                             ``fix`` is the command that mends it

Every message says what was wrong, where, and what to do. Anything that is not a ``LullError`` is
a bug: the command line reports it in one line with exit code 4 (``LULL_DEBUG=1`` shows where).
"""


class LullError(Exception):
    """Something failed on our side; its text is fit for a person to read."""

    exit_code = 4


class UserError(LullError):
    """What the person asked for cannot be done as asked; the text says what to change."""

    exit_code = 2


class MissingError(LullError):
    """Something the work needs is not there; ``fix`` is the command that gets it."""

    exit_code = 3

    def __init__(self, text: str, *, fix: str) -> None:
        super().__init__(f"{text} Fix: {fix}")
        self.fix = fix
