"""parse_mode, entities and the entities Telegram finds by itself."""

from __future__ import annotations

import pytest

from bot.sandbox.entities import find_entities, utf16_length
from bot.sandbox.errors import BadRequestError
from bot.sandbox.formatting import formatted

SMILE = "\N{GRINNING FACE}"


def marked(source, mode):
    text, entities = formatted(source, mode, None, {})
    encoded = text.encode("utf-16-le")
    return text, [
        (
            entity["type"],
            encoded[entity["offset"] * 2 : (entity["offset"] + entity["length"]) * 2].decode("utf-16-le"),
        )
        for entity in entities
    ]


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("<b>a</b> &lt;x&gt; &amp; &quot;", 'a <x> & "', [("bold", "a")]),
        (f"{SMILE}<i>{SMILE}</i>", SMILE * 2, [("italic", SMILE)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", "ab"), ("italic", "b")]),
        ('<a href="https://e.org/?a=1&amp;b=2">x</a>', "x", [("text_link", "x")]),
        ('<pre><code class="language-py">1</code></pre>', "1", [("pre", "1")]),
        ("<blockquote expandable>q</blockquote>", "q", [("expandable_blockquote", "q")]),
        (
            '<span class="tg-spoiler">s</span><tg-spoiler>t</tg-spoiler>',
            "st",
            [("spoiler", "s"), ("spoiler", "t")],
        ),
        (
            "<u>a</u><ins>b</ins><s>c</s><code>d</code>",
            "abcd",
            [("underline", "a"), ("underline", "b"), ("strikethrough", "c"), ("code", "d")],
        ),
        ("  <b> a </b>  ", "a", [("bold", "a")]),
        ("a & b", "a & b", []),
        ("<code>/x @abc</code> /y", "/x @abc /y", [("code", "/x @abc"), ("bot_command", "/y")]),
    ],
)
def test_html_becomes_text_and_entities(source, text, entities):
    assert marked(source, "HTML") == (text, entities)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("\u4e00<b>a</i>", 'Unmatched end tag at byte offset 7, expected "</b>", found "</i>"'),
        ("<h1>a</h1>", 'Unsupported start tag "h1" at byte offset 0'),
        ("a < b", "Unclosed start tag at byte offset 2"),
    ],
)
def test_bad_html_is_refused_with_the_place(source, reason):
    with pytest.raises(BadRequestError) as caught:
        formatted(source, "html", None, {})
    assert caught.value.description == f"Bad Request: can't parse entities: {reason}"


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        (
            "*a* _b_ __c__ ~d~ ||e||",
            "a b c d e",
            [("bold", "a"), ("italic", "b"), ("underline", "c"), ("strikethrough", "d"), ("spoiler", "e")],
        ),
        (r"1\. a\!", "1. a!", []),
        ("*a _b_*", "a b", [("bold", "a b"), ("italic", "b")]),
        ("`a*b` ```py\nx=1\n```", "a*b x=1", [("code", "a*b"), ("pre", "x=1")]),
        ("[x](https://e.org/a\\)b)", "x", [("text_link", "x")]),
        (">one\n>two\nthree", "one\ntwo\nthree", [("blockquote", "one\ntwo")]),
        (">one||\nthree", "one\nthree", [("expandable_blockquote", "one")]),
        (f"{SMILE}*{SMILE}*", SMILE * 2, [("bold", SMILE)]),
    ],
)
def test_markdown_v2_becomes_text_and_entities(source, text, entities):
    assert marked(source, "MarkdownV2") == (text, entities)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("a.b", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("*a", "Can't find end of Bold entity at byte offset 0"),
        ("\u4e00`a", "Can't find end of Code entity at byte offset 3"),
        ("[a](x", "Can't find end of TextUrl entity at byte offset 0"),
        ("*a_b*", "Can't find end of Bold entity at byte offset 4"),
    ],
)
def test_bad_markdown_v2_is_refused_with_the_place(source, reason):
    with pytest.raises(BadRequestError) as caught:
        formatted(source, "MarkdownV2", None, {})
    assert caught.value.description == f"Bad Request: can't parse entities: {reason}"


def test_old_markdown():
    assert marked("*a* _b_ `c` [d](http://e.org) e\\_f", "Markdown") == (
        "a b c d e_f",
        [("bold", "a"), ("italic", "b"), ("code", "c"), ("text_link", "d")],
    )
    with pytest.raises(BadRequestError, match="Can't find end of the entity starting at byte offset 2"):
        formatted("a *b", "Markdown", None, {})


def test_unknown_parse_mode_is_refused():
    with pytest.raises(BadRequestError, match="unsupported parse_mode"):
        formatted("a", "latex", None, {})


def test_given_entities_are_kept_and_cut_to_the_trimmed_text():
    text, entities = formatted("  abc  ", "", [{"type": "bold", "offset": 1, "length": 3}], {})
    assert (text, entities) == ("abc", [{"type": "bold", "offset": 0, "length": 2}])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/ask@desk_bot where", [("bot_command", "/ask@desk_bot")]),
        ("a/b 1/2", []),
        ("hi @someone!", [("mention", "@someone")]),
        ("mail a.b@e.org", [("email", "a.b@e.org")]),
        ("\u4e00\u4e8c https://e.org/x\uff0c\u4e09", [("url", "https://e.org/x")]),
        ("#tag #1 #a1", [("hashtag", "#tag"), ("hashtag", "#a1")]),
        ("1.1 and 3.10", []),
    ],
)
def test_commands_mentions_and_links_are_found(text, found):
    entities = find_entities(text)
    assert [(e["type"], text[e["offset"] : e["offset"] + e["length"]]) for e in entities] == found


def test_length_counts_utf16_units():
    assert [utf16_length(text) for text in ("abc", "\u4e00", SMILE)] == [3, 1, 2]
