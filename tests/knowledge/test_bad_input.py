"""Whatever is typed gets one clear answer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.engine import Engine

BAD = {
    "empty": "", "blank": " \t\n ", "control": "\x00\x01\x02", "zero width": "\u200b\u200c\u200d", "emoji": "🔥🔥🔥",
    "punctuation": "？？？", "long": "黑加油点" * 2500, "html": "<script>alert(1)</script>", "english": "who is in charge?",
    "russian": "кто отвечает?", "sql": "'; DROP TABLE tasks; --", "path": "../../etc/passwd", "url": "https://example.com",
    "surrogate": "\ud800\udc00", "number": "123456", "no such task": "任务9.9归谁管", "template": "{{ 7*7 }}{% for %}",
}  # fmt: skip


@pytest.mark.parametrize("text", BAD.values(), ids=BAD.keys())
def test_bad_input_is_refused_with_one_clear_answer(engine: Engine, text: str) -> None:
    answer = engine.answerer.answer(text)
    assert answer.decision == "refuse"
    assert answer.text
    assert len(answer.text) < 200
    assert not answer.units


def test_invisible_characters_change_nothing(engine: Engine) -> None:
    plain = engine.answerer.answer("黑加油点归谁管")
    dressed = engine.answerer.answer("黑\u200b加\u2060油\ufe0f点\u202e归谁管\r\n")
    assert dressed.text == plain.text


def test_markup_around_a_question_is_data(engine: Engine) -> None:
    answer = engine.answerer.answer("<b>黑加油点</b>归谁管 {{ task }}")
    assert answer.tasks[0].id == "1.1"
    assert "{{" not in answer.text


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120), st.one_of(st.none(), st.text(max_size=40)))
def test_no_text_raises(engine: Engine, text: str, previous: str | None) -> None:
    answer = engine.answerer.answer(text, previous=previous)
    assert answer.text
    for quote in answer.quotes:
        assert engine.plan.text[quote.start : quote.end] == quote.text
