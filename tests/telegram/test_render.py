"""Messages become calls that Telegram takes, whatever is in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.transport import OutboxRow, Rejected
from bot.messages import InlineResult, Instant, Option, Outgoing
from bot.telegram.render import Call, render, render_instant
from bot.telegram.text import shorten, split, units


def calls(outgoing: Outgoing, *, folder: Path = Path("/nowhere"), **row: Any) -> list[Call]:
    return render(
        OutboxRow(id=1, chat_id=outgoing.chat_id, kind="send", outgoing=outgoing, **row), files_dir=folder
    )


def test_markup_in_words_stays_words() -> None:
    (call,) = calls(Outgoing(chat_id=5, text='<b>1 & 2</b> "q"'))
    assert call.method == "sendMessage"
    assert call.params == {
        "chat_id": 5,
        "text": '&lt;b&gt;1 &amp; 2&lt;/b&gt; "q"',
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


def test_everything_about_a_message_is_passed_on() -> None:
    (call,) = calls(
        Outgoing(
            chat_id=5,
            text="x",
            thread_id=8,
            reply_to=3,
            silent=True,
            protect=True,
            options=((Option(label="a", data="d"), Option(label="b", url="https://x/")),),
        )
    )
    assert call.params["message_thread_id"] == 8
    assert call.params["reply_parameters"] == {"message_id": 3, "allow_sending_without_reply": True}
    assert call.params["disable_notification"]
    assert call.params["protect_content"]
    buttons = [[{"text": "a", "callback_data": "d"}, {"text": "b", "url": "https://x/"}]]
    assert call.params["reply_markup"] == {"inline_keyboard": buttons}


def test_the_general_topic_is_never_named() -> None:
    assert "message_thread_id" not in calls(Outgoing(chat_id=5, text="x", thread_id=1))[0].params


def test_a_long_text_is_split_with_the_quote_first_and_the_buttons_last() -> None:
    text = "\n".join(f"line {n} " + "x" * 90 for n in range(100))
    found = calls(Outgoing(chat_id=5, text=text, reply_to=3, options=((Option(label="a", data="d"),),)))
    assert len(found) == 3
    assert [("reply_parameters" in each.params, "reply_markup" in each.params) for each in found] == [
        (True, False),
        (False, False),
        (False, True),
    ]
    assert "\n".join(each.params["text"] for each in found) == text


def test_an_edit_replaces_text_and_buttons() -> None:
    (call,) = calls(Outgoing(chat_id=5, text="x" * 5000, edit_message_id=9), message_id=9)
    assert (call.method, call.params["message_id"]) == ("editMessageText", 9)
    assert call.params["reply_markup"] == {"inline_keyboard": []}
    assert units(call.params["text"]) == 4096


def test_a_card_is_one_message_however_long() -> None:
    assert len(calls(Outgoing(chat_id=5, text="x" * 9000, card="k"))) == 1
    assert calls(Outgoing(chat_id=5, text="x", card="k"), message_id=4)[0].method == "editMessageText"


def test_files_carry_what_fits_as_a_caption_and_the_rest_follows(tmp_path: Path) -> None:
    found = calls(Outgoing(chat_id=5, text="a" * 1000 + "\n" + "b" * 500, photo="p.png"), folder=tmp_path)
    assert [call.method for call in found] == ["sendPhoto", "sendMessage"]
    assert found[0].params["caption"] == "a" * 1000
    assert found[0].files == {"photo": tmp_path / "p.png"}
    assert found[1].params["text"] == "b" * 500
    assert [call.method for call in calls(Outgoing(chat_id=5, text="", document="d"), folder=tmp_path)] == [
        "sendDocument"
    ]


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../b"])
def test_no_file_outside_the_folder_is_sent(tmp_path: Path, name: str) -> None:
    with pytest.raises(Rejected):
        calls(Outgoing(chat_id=5, text="", document=name), folder=tmp_path)


def test_a_possibly_repeated_message_says_so_if_told_how() -> None:
    row = OutboxRow(
        id=1, chat_id=5, kind="send", outgoing=Outgoing(chat_id=5, text="x"), possibly_repeated=True
    )
    assert render(row, files_dir=Path(), repeated_mark="(again) ")[0].params["text"] == "(again) x"
    assert render(row, files_dir=Path())[0].params["text"] == "x"


def test_answers_to_taps_and_inline_queries() -> None:
    tap = render_instant(Instant(tap_id="q", text="y" * 300, alert=True))
    assert tap is not None
    assert (tap.method, len(tap.params["text"]), tap.params["show_alert"]) == (
        "answerCallbackQuery",
        200,
        True,
    )
    result = InlineResult(id="1", title="t", description="d", text="<x>")
    inline = render_instant(Instant(inline_id="i", results=(result,), cache_s=5))
    assert inline is not None
    assert inline.params["results"][0]["input_message_content"]["message_text"] == "&lt;x&gt;"
    assert (inline.params["cache_time"], inline.params["is_personal"]) == (5, True)
    assert render_instant(Instant()) is None


WORDS = st.text(
    alphabet=st.sampled_from("ab \n\u4e2d\uff0c\u3002\U0001f525\u200d\u0301\ufe0f<&"),
    min_size=0,
    max_size=400,
)


@given(WORDS, st.integers(min_value=8, max_value=60))
def test_parts_fit_and_nothing_but_space_is_lost(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert all(units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert len(parts) == 1 or all(part.strip() for part in parts)


def test_a_text_is_cut_at_lines_then_sentences_then_commas() -> None:
    assert split("aaaa\nbbbb\ncccc", 10) == ["aaaa\nbbbb", "cccc"]
    assert split("aaaaaa. bbb\u3002cccccc", 13) == ["aaaaaa. bbb\u3002", "cccccc"]
    assert split("aaaaaa, bbbbbbbbb", 12) == ["aaaaaa,", "bbbbbbbbb"]
    assert split("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]
    assert split("", 10) == [""]


def test_shortening_never_tears_a_character() -> None:
    assert shorten("\U0001f525" * 5, 7) == "\U0001f525" * 3 + "\u2026"
    assert shorten("abc", 3) == "abc"
