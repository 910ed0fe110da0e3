"""File names as different clients write them."""

from __future__ import annotations

import pytest

from bot.sandbox.multipart import read_parts

NAME = "\u62a5\u544a 1.txt"


@pytest.mark.parametrize(
    "written",
    [
        f'filename="{NAME}"',
        f"filename={NAME}",
        "filename*=utf-8''%E6%8A%A5%E5%91%8A%201.txt",
        f"filename=\"x\"; filename*=UTF-8''{'%E6%8A%A5%E5%91%8A%201.txt'}",
    ],
)
def test_file_names_are_read_however_they_are_written(written):
    head = f'--b\r\nContent-Disposition: form-data; name="f"; {written}\r\nContent-Type: a/b\r\n\r\n'
    (part,) = read_parts(head.encode() + b"\r\n\x00\r\n--b--\r\n", "multipart/form-data; boundary=b")
    assert (part.name, part.file_name, part.mime_type, part.data) == ("f", NAME, "a/b", b"\r\n\x00")


def test_fields_and_empty_parts():
    first = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    body = first + b"--b\r\ncontent-disposition: form-data; name=c\r\n\r\n\r\n--b--"
    parts = list(read_parts(body, 'multipart/form-data; boundary="b"'))
    assert [(part.name, part.file_name, part.data) for part in parts] == [("a", None, b"1"), ("c", None, b"")]


@pytest.mark.parametrize("body", [b"", b"--b\r\nx", b"--b\r\na: b\r\n\r\nc"])
def test_what_is_cut_short_is_refused(body):
    with pytest.raises(ValueError, match=r"boundary|cut short"):
        list(read_parts(body, "multipart/form-data; boundary=b"))


async def test_broken_multipart_is_a_bad_request(stage):
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    status, body = await stage.raw("sendMessage", data=b"nonsense", headers=headers)
    assert (status, body["description"]) == (400, "Bad Request: can't parse multipart form data")
