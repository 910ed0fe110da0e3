"""Files that were sent: kept in memory, named by file_id, fetched by path."""

from __future__ import annotations

import base64
import hashlib
import itertools
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from bot.sandbox.errors import BadRequestError
from bot.sandbox.imagesize import image_size

MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024

_FOLDERS = {
    "photo": ("photos", ".jpg"),
    "document": ("documents", ""),
    "voice": ("voice", ".oga"),
    "video": ("videos", ".mp4"),
    "video_note": ("video_notes", ".mp4"),
    "animation": ("animations", ".mp4"),
    "audio": ("music", ".mp3"),
    "sticker": ("stickers", ".webp"),
}
KINDS = tuple(_FOLDERS)


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """A file's bytes and what is known of it; sizes in pixels, `file_path` as getFile tells it."""

    file_id: str
    unique_id: str
    kind: str
    name: str
    mime_type: str
    data: bytes = field(repr=False)
    file_path: str
    width: int = 0
    height: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the Bot API File without its path."""
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": len(self.data)}


class FileStore:
    """All files of the world; the ids are opaque and valid for every bot."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}
        self._numbers = itertools.count()

    def put(self, kind: str, name: str, mime_type: str, data: bytes) -> StoredFile:
        """Store `data` as a file of `kind` (one of KINDS) and return it."""
        number = next(self._numbers)
        folder, suffix = _FOLDERS[kind]
        suffix = PurePosixPath(name).suffix or suffix
        # Only plain suffixes: the path becomes part of an address.
        suffix = suffix if suffix[1:].isalnum() and suffix.isascii() else ""
        digest = hashlib.sha256(b"%s %d " % (kind.encode(), number) + data[:64]).digest()
        width, height = image_size(data) or (0, 0)
        stored = StoredFile(
            file_id="Ag" + base64.urlsafe_b64encode(digest).decode().rstrip("="),
            unique_id="AQ" + base64.urlsafe_b64encode(digest[:9]).decode().rstrip("="),
            kind=kind,
            name=name,
            mime_type=mime_type,
            data=data,
            file_path=f"{folder}/file_{number}{suffix}",
            width=width,
            height=height,
        )
        self._by_id[stored.file_id] = stored
        self._by_path[stored.file_path] = stored
        return stored

    def get(self, file_id: str) -> StoredFile:
        """Return the file of an id; 400 when there is none."""
        found = self._by_id.get(file_id)
        if found is None:
            raise BadRequestError("wrong file identifier/HTTP URL specified")
        return found

    def at_path(self, file_path: str) -> StoredFile | None:
        """Return the file at a path getFile told, or None."""
        return self._by_path.get(file_path)
