"""CHARX: a zip with `card.json` at its root and assets beside it (card specification V3).

Nothing is ever written by a name from the archive; two entries at most are read, each within a bound.
"""

import io
import struct
import zipfile
import zlib
from typing import Final

from parley.features.characters.core.rejection import CardRejected

MAX_ENTRIES: Final = 1000
MAX_DIRECTORY_BYTES: Final = 1024 * 1024
MAX_RATIO: Final = 200
_SMALL: Final = 1024 * 1024
"""Below this size a high compression ratio is harmless: short repetitive texts have it too."""
_END_OF_DIRECTORY: Final = b"PK\x05\x06"
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


class Archive:
    """A bounded reader of a CHARX file; a JPEG with the zip behind it is one too."""

    def __init__(self, file: bytes) -> None:
        _check_directory(file)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(file))
        except (zipfile.BadZipFile, ValueError, struct.error) as error:
            raise CardRejected("the CHARX archive is damaged") from error
        entries = self._zip.infolist()
        if len(entries) > MAX_ENTRIES:
            raise CardRejected(f"the CHARX archive has {len(entries):,} entries, at most {MAX_ENTRIES:,} are taken")
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            self._entries.setdefault(entry.filename, entry)

    def read(self, name: str, most: int) -> bytes | None:
        """The entry of exactly this name, None if there is none. Raises CardRejected for one over ``most`` bytes."""
        entry = self._entries.get(name)
        if entry is None:
            return None
        _check_entry(entry, most)
        try:
            with self._zip.open(entry) as stream:
                return stream.read(most)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, struct.error) as error:
            raise CardRejected(f"the entry {entry.filename!a} of the CHARX archive is damaged") from error


def is_archive(file: bytes) -> bool:
    """Whether a zip is in there: at the beginning, or behind a JPEG or a self-extracting head."""
    return file[:4] in {b"PK\x03\x04", _END_OF_DIRECTORY} or _END_OF_DIRECTORY in file[-65_557:]


def _check_directory(file: bytes) -> None:
    """Refuse a directory that alone would fill the memory; `zipfile` reads it whole."""
    end = file.rfind(_END_OF_DIRECTORY)
    if end < 0 or end + 22 > len(file):
        raise CardRejected("the CHARX archive is cut off")
    (size,) = struct.unpack_from("<I", file, end + 12)
    if size > MAX_DIRECTORY_BYTES:
        raise CardRejected("the directory of the CHARX archive is too large")


def _check_entry(entry: zipfile.ZipInfo, most: int) -> None:
    if entry.flag_bits & 0x1:
        raise CardRejected("the CHARX archive is encrypted")
    if entry.compress_type not in _METHODS:
        raise CardRejected("the CHARX archive is packed by a method other than deflate")
    if entry.file_size > most:
        raise CardRejected(f"the entry {entry.filename!a} of the CHARX archive has more than {most:,} bytes")
    if entry.file_size > _SMALL and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
        raise CardRejected(f"the entry {entry.filename!a} of the CHARX archive is packed suspiciously tight")
