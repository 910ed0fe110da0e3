"""parse_mode HTML → text and entities (Bot API "HTML style")."""

from __future__ import annotations

import html
import re

from bot.sandbox.entities import Entity, utf16_length
from bot.sandbox.errors import BadRequestError

_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
}
_TOKEN = re.compile(
    r"<(?P<end>/?)(?P<tag>[^\s<>/=]*)(?P<attributes>[^<>]*)>|&(?:#x?[0-9a-fA-F]+|lt|gt|amp|quot);"
)
_ATTRIBUTE = re.compile(r"([a-zA-Z-]+)\s*(?:=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_USER_LINK = re.compile(r"tg://user/?\?id=(\d+)")


class _Open:
    __slots__ = ("at", "attributes", "start", "tag")

    def __init__(self, tag: str, attributes: dict[str, str], start: int, at: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.start = start
        self.at = at


def parse_html(source: str) -> tuple[str, list[Entity]]:
    """Return the plain text and its entities; BadRequestError "can't parse entities: …" on bad markup."""
    text: list[str] = []
    length = 0
    entities: list[Entity] = []
    stack: list[_Open] = []
    at = 0
    while at < len(source):
        if source[at] not in "<&":
            following = _next_special(source, at)
            text.append(source[at:following])
            length += utf16_length(source[at:following])
            at = following
            continue
        match = _TOKEN.match(source, at)
        if match is None:
            if source[at] == "<":
                raise _error("Unclosed start tag", source, at)
            text.append("&")
            length += 1
            at += 1
            continue
        if source[at] == "&":
            character = html.unescape(match[0])
            text.append(character)
            length += utf16_length(character)
        elif match["end"]:
            entity = _close(stack, match["tag"].lower(), source, at, length)
            if entity is not None:
                _add(entities, entity)
        else:
            stack.append(_open(match["tag"].lower(), match["attributes"], source, at, length))
        at = match.end()
    if stack:
        tag = stack[-1].tag
        raise BadRequestError(
            f"can't parse entities: Can't find end tag corresponding to start tag \"{tag}\""
        )
    return "".join(text), sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def _next_special(source: str, at: int) -> int:
    ends = [end for end in (source.find("<", at), source.find("&", at)) if end >= 0]
    return min(ends, default=len(source))


def _open(tag: str, raw: str, source: str, at: int, length: int) -> _Open:
    attributes = {m[1].lower(): html.unescape(m[2] or m[3] or m[4] or "") for m in _ATTRIBUTE.finditer(raw)}
    if tag not in _TYPES:
        raise _error(f'Unsupported start tag "{tag}"', source, at)
    if tag == "span" and attributes.get("class") != "tg-spoiler":
        raise _error('Tag "span" must have class "tg-spoiler"', source, at)
    return _Open(tag, attributes, length, at)


def _close(stack: list[_Open], tag: str, source: str, at: int, length: int) -> Entity | None:
    if not stack:
        raise _error("Unexpected end tag", source, at)
    opened = stack.pop()
    if tag and tag != opened.tag:
        raise _error("Unmatched end tag", source, at, f', expected "</{opened.tag}>", found "</{tag}>"')
    if length == opened.start:
        return None
    entity: Entity = {"type": _TYPES[opened.tag], "offset": opened.start, "length": length - opened.start}
    if opened.tag == "a":
        return _link(entity, opened.attributes.get("href", ""))
    if opened.tag == "blockquote" and "expandable" in opened.attributes:
        entity["type"] = "expandable_blockquote"
    if opened.tag == "tg-emoji":
        entity["custom_emoji_id"] = opened.attributes.get("emoji-id", "")
    if opened.tag == "code" and opened.attributes.get("class", "").startswith("language-"):
        entity["language"] = opened.attributes["class"].removeprefix("language-")
    return entity


def _link(entity: Entity, url: str) -> Entity | None:
    user = _USER_LINK.fullmatch(url)
    if user:
        return {**entity, "type": "text_mention", "user_id": int(user[1])}
    return {**entity, "url": url} if url else None


def _add(entities: list[Entity], entity: Entity) -> None:
    last = entities[-1] if entities else None
    same_place = last is not None and (last["offset"], last["length"]) == (entity["offset"], entity["length"])
    if entity["type"] == "pre" and last is not None and same_place and last["type"] == "code":
        # <pre><code class="language-x"> is one entity with a language.
        entities[-1] = {**entity, "language": last["language"]} if "language" in last else entity
        return
    entities.append(entity)


def _error(what: str, source: str, at: int, more: str = "") -> BadRequestError:
    return BadRequestError(f"can't parse entities: {what} at byte offset {len(source[:at].encode())}{more}")
