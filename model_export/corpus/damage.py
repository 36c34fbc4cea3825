"""What reading a damaged archive raises, bits flipped anywhere."""

from __future__ import annotations

import lzma
import struct
import tarfile
import zipfile
import zlib
from typing import Final

ZIP_ERRORS: Final = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, KeyError),
    *(OSError, RuntimeError, ValueError),
)
TAR_ERRORS: Final = (tarfile.TarError, *ZIP_ERRORS)
