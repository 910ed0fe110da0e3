"""parse_mode MarkdownV2 and the older Markdown → text and entities (Bot API "MarkdownV2 style")."""

from __future__ import annotations

import re

from bot.sandbox.entities import Entity, utf16_length
from bot.sandbox.errors import BadRequestError

_RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
_MARKS = (("||", "spoiler"), ("__", "underline"), ("*", "bold"), ("_", "italic"), ("~", "strikethrough"))
_NAMES = {
    "bold": "Bold",
    "italic": "Italic",
    "underline": "Underline",
    "strikethrough": "Strikethrough",
    "spoiler": "Spoiler",
    "code": "Code",
    "pre": "Pre",
    "text_link": "TextUrl",
    "custom_emoji": "CustomEmoji",
}
_USER_LINK = re.compile(r"tg://user/?\?id=(\d+)")
_EMOJI_LINK = re.compile(r"tg://emoji/?\?id=(\d+)")


class _Writer:
    """The text so far, its length in UTF-16 units and what is open."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.parts: list[str] = []
        self.length = 0
        self.entities: list[Entity] = []
        self.stack: list[tuple[str, int, int]] = []
        self.quote: int | None = None

    def write(self, text: str) -> None:
        self.parts.append(text)
        self.length += utf16_length(text)

    def entity(self, kind: str, start: int, **more: object) -> None:
        if self.length > start:
            self.entities.append({"type": kind, "offset": start, "length": self.length - start, **more})

    def error(self, what: str, at: int) -> BadRequestError:
        return BadRequestError(
            f"can't parse entities: {what} at byte offset {len(self.source[:at].encode())}"
        )

    def unclosed(self, kind: str, at: int) -> BadRequestError:
        return self.error(f"Can't find end of {_NAMES[kind]} entity", at)

    def result(self) -> tuple[str, list[Entity]]:
        entities = sorted(self.entities, key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self.parts), entities


def parse_markdown_v2(source: str) -> tuple[str, list[Entity]]:
    """Return the plain text and its entities; BadRequestError "can't parse entities: …" on bad markup."""
    out = _Writer(source)
    at = 0
    line_start = True
    while at < len(source):
        if line_start:
            line_start = False
            at = _quote_line(out, at)
            continue
        character = source[at]
        if character == "\\" and at + 1 < len(source) and ord(source[at + 1]) < 127:
            out.write(source[at + 1])
            at += 2
        elif character == "\n":
            out.write("\n")
            at += 1
            line_start = True
        elif character in _RESERVED:
            at = _reserved(out, at)
        else:
            out.write(character)
            at += 1
    if out.stack:
        kind, _, opened_at = out.stack[-1]
        raise out.unclosed(kind, opened_at)
    _end_quote(out)
    return out.result()


def _quote_line(out: _Writer, at: int) -> int:
    if out.source.startswith("**>", at):
        _end_quote(out)
        out.quote = out.length
        return at + 3
    if out.source.startswith(">", at):
        if out.quote is None:
            out.quote = out.length
        return at + 1
    _end_quote(out)
    return at


def _end_quote(out: _Writer, kind: str = "blockquote") -> None:
    if out.quote is None:
        return
    # The line break that ends a quotation is not part of it.
    length = out.length - out.quote - (1 if out.parts and out.parts[-1] == "\n" else 0)
    if length > 0:
        out.entities.append({"type": kind, "offset": out.quote, "length": length})
    out.quote = None


def _reserved(out: _Writer, at: int) -> int:
    source = out.source
    if source.startswith("```", at):
        return _pre(out, at)
    if source[at] == "`":
        return _code(out, at)
    line_ends = source[at + 2 : at + 3] in ("", "\n")
    in_spoiler = any(kind == "spoiler" for kind, _, _ in out.stack)
    if source.startswith("||", at) and out.quote is not None and line_ends and not in_spoiler:
        _end_quote(out, "expandable_blockquote")
        return at + 2
    if source.startswith("![", at):
        out.stack.append(("custom_emoji", out.length, at))
        return at + 2
    if source[at] == "[":
        out.stack.append(("text_link", out.length, at))
        return at + 1
    if source[at] == "]" and out.stack and out.stack[-1][0] in ("text_link", "custom_emoji"):
        return _link_end(out, at)
    for mark, kind in _MARKS:
        if source.startswith(mark, at):
            if out.stack and out.stack[-1][0] == kind:
                out.entity(kind, out.stack.pop()[1])
            else:
                out.stack.append((kind, out.length, at))
            return at + len(mark)
    character = source[at]
    raise BadRequestError(
        f"can't parse entities: Character '{character}' is reserved "
        "and must be escaped with the preceding '\\'"
    )


def _unescape(text: str) -> str:
    return re.sub(r"\\([\x01-\x7e])", r"\1", text)


def _code(out: _Writer, at: int) -> int:
    match = re.compile(r"(?:\\.|[^\\`])*(?=`)", re.S).match(out.source, at + 1)
    if match is None:
        raise out.unclosed("code", at)
    start = out.length
    out.write(_unescape(match[0]))
    out.entity("code", start)
    return match.end() + 1


def _pre(out: _Writer, at: int) -> int:
    language = re.compile(r"([^\s`\\]+)\n").match(out.source, at + 3)
    before = len(out.entities)
    if language is None:
        # A line break right after the fence is not part of the block.
        return _pre_body(out, at, at + 4 if out.source.startswith("\n", at + 3) else at + 3)
    end = _pre_body(out, at, language.end())
    if len(out.entities) > before:
        out.entities[-1]["language"] = language[1]
    return end


def _pre_body(out: _Writer, at: int, start_at: int) -> int:
    match = re.compile(r"(?:\\.|[^\\])*?(?=```)", re.S).match(out.source, start_at)
    if match is None:
        raise out.unclosed("pre", at)
    start = out.length
    out.write(_unescape(match[0]))
    out.entity("pre", start)
    return match.end() + 3


def _link_end(out: _Writer, at: int) -> int:
    kind, start, opened_at = out.stack.pop()
    match = re.compile(r"\]\(((?:\\.|[^\\)])*)\)").match(out.source, at)
    if match is None:
        raise out.unclosed(kind, opened_at)
    url = _unescape(match[1])
    emoji = _EMOJI_LINK.fullmatch(url)
    user = _USER_LINK.fullmatch(url)
    if kind == "custom_emoji":
        if emoji is None:
            raise out.error("Custom emoji URL must have an emoji identifier", at)
        out.entity("custom_emoji", start, custom_emoji_id=emoji[1])
    elif user is not None:
        out.entity("text_mention", start, user_id=int(user[1]))
    elif url:
        out.entity("text_link", start, url=url)
    return match.end()


def parse_markdown(source: str) -> tuple[str, list[Entity]]:
    """Return text and entities of the older Markdown, which knows no nesting and few escapes."""
    out = _Writer(source)
    at = 0
    while at < len(source):
        character = source[at]
        if character == "\\" and source[at + 1 : at + 2] in ("_", "*", "`", "["):
            out.write(source[at + 1])
            at += 2
        elif character in "*_`[":
            at = _old_entity(out, at)
        else:
            out.write(character)
            at += 1
    return out.result()


def _old_entity(out: _Writer, at: int) -> int:
    source = out.source
    mark = "```" if source.startswith("```", at) else source[at]
    close = "]" if mark == "[" else mark
    end = source.find(close, at + len(mark))
    if end < 0:
        raise out.error("Can't find end of the entity starting", at)
    inner = source[at + len(mark) : end]
    start = out.length
    if mark == "[":
        link = re.compile(r"\]\(([^)]*)\)").match(source, end)
        out.write(inner)
        if link is None:
            return end + 1
        user = _USER_LINK.fullmatch(link[1])
        if user is not None:
            out.entity("text_mention", start, user_id=int(user[1]))
        else:
            out.entity("text_link", start, url=link[1])
        return link.end()
    more: dict[str, object] = {}
    if mark == "```" and (language := re.match(r"([^\s`]+)\n", inner)):
        inner = inner[language.end() :]
        more["language"] = language[1]
    out.write(inner)
    out.entity({"*": "bold", "_": "italic", "`": "code", "```": "pre"}[mark], start, **more)
    return end + len(mark)
