"""Files that bots uploaded, in memory."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

KEPT_BYTES = 128 << 20


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file; `path` is where the Bot API serves it."""

    id: str
    unique_id: str
    name: str
    mime_type: str
    path: str
    data: bytes
    width: int = 0
    height: int = 0


class Files:
    """The files of one bot; the oldest make room."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, StoredFile] = OrderedDict()
        self._bytes = 0

    def add(self, name: str, mime_type: str, data: bytes, size: tuple[int, int] | None = None) -> StoredFile:
        """Keep a file; ``size`` is that of a picture in pixels."""
        unique = secrets.token_urlsafe(11)
        ending = name.rpartition(".")[2] if "." in name else "bin"
        folder = "documents" if size is None else "photos"
        path = f"{folder}/file_{len(self._files)}_{unique}.{ending if ending.isalnum() else 'bin'}"
        number = f"BQAC{unique}{secrets.token_urlsafe(24)}"
        stored = StoredFile(number, unique, name, mime_type, path, data, *(size or ()))
        self._files[stored.id] = stored
        self._bytes += len(data)
        while self._bytes > KEPT_BYTES and len(self._files) > 1:
            self._bytes -= len(self._files.popitem(last=False)[1].data)
        return stored

    def get(self, number: str) -> StoredFile | None:
        """The file with this id."""
        return self._files.get(number)

    def at(self, path: str) -> StoredFile | None:
        """The file at this path."""
        return next((each for each in self._files.values() if each.path == path), None)
