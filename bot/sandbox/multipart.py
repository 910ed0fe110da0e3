"""multipart/form-data, read leniently: clients write file names quoted, bare or encoded (RFC 7578)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

_BOUNDARY = re.compile(r'boundary=(?:"([^"]+)"|([^;\s]+))', re.IGNORECASE)
_NAME = re.compile(r';\s*name=(?:"([^"]*)"|([^;]+))', re.IGNORECASE)
_FILE_NAME = re.compile(r';\s*filename=(?:"((?:\\.|[^"\\])*)"|([^;]+))', re.IGNORECASE)
_FILE_NAME_ENCODED = re.compile(r";\s*filename\*=(?:utf-8|UTF-8)'[^']*'([^;]+)")


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part; `file_name` is None for a plain field."""

    name: str
    file_name: str | None
    mime_type: str
    data: bytes = field(repr=False)


def read_parts(body: bytes, content_type: str) -> Iterator[Part]:
    """Yield the named parts of a body; ValueError when it is not multipart."""
    match = _BOUNDARY.search(content_type)
    if match is None:
        raise ValueError("no boundary")
    mark = b"--" + (match[1] or match[2]).encode()
    at = body.find(mark)
    if at < 0:
        raise ValueError("the boundary does not occur")
    while True:
        at += len(mark)
        if body[at : at + 2] == b"--":
            return
        head_end = body.find(b"\r\n\r\n", at)
        end = body.find(b"\r\n" + mark, head_end + 2)
        if head_end < 0 or end < 0:
            raise ValueError("a part is cut short")
        # A part without content ends right at its head's empty line.
        part = _part(body[at:head_end].decode(errors="replace"), body[head_end + 4 : max(end, head_end + 4)])
        if part is not None:
            yield part
        at = end + 2


def _part(head: str, data: bytes) -> Part | None:
    headers: dict[str, str] = {}
    for line in head.split("\r\n"):
        key, colon, value = line.partition(":")
        if colon:
            headers[key.strip().lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    name = _NAME.search(disposition)
    if name is None:
        return None
    return Part(
        name=name[1] if name[1] is not None else name[2].strip(),
        file_name=_file_name(disposition),
        mime_type=headers.get("content-type", "application/octet-stream"),
        data=data,
    )


def _file_name(disposition: str) -> str | None:
    encoded = _FILE_NAME_ENCODED.search(disposition)
    if encoded is not None:
        return unquote(encoded[1].strip())
    plain = _FILE_NAME.search(disposition)
    if plain is None:
        return None
    return re.sub(r"\\(.)", r"\1", plain[1]) if plain[1] is not None else plain[2].strip()
