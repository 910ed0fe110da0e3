"""Which words of the plan to quote for an answer."""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.answer.model import Quote
from knowledge.phrasebook import Topic
from knowledge.plan import Plan, Span, Task
from knowledge.retrieval.corpus import Entry, sentences
from knowledge.retrieval.text import fold, gram_codes

_PIECE = re.compile(r"[^，；。]+[，；。]?")
TRUSTED_MATCH = 0.2
SHORTEST = 8
ELLIPSIS = "……"


def quote_for(task: Task, plan: Plan, question: str, topic: Topic | None) -> Quote:
    """The clause that covers the question: the topic's own, else the piece sharing most n-grams with it."""
    span = topic.anchor if topic and topic.anchor else _closest(task, plan, question)
    return Quote(task=task.id, text=span.of(plan.text), start=span.start, end=span.end)


def shown(quote: Quote, plan: Plan, task: Task) -> str:
    """The quote with …… on a side where the plan's sentence goes on."""
    at_start = quote.start == task.body.start or plan.text[quote.start - 1] in "。；\n"
    at_end = quote.end >= task.body.end or quote.text.endswith(("。", "；"))
    return f"{'' if at_start else ELLIPSIS}{quote.text}{'' if at_end else ELLIPSIS}"


def topic_of(task: Task, hits: Sequence[tuple[Entry, float]], topics: Sequence[Topic]) -> Topic | None:
    """The phrasebook topic of the nearest phrase of this task, if it is near enough to trust."""
    for entry, match in hits:
        if entry.topic is None or match < TRUSTED_MATCH:
            continue
        topic = topics[entry.topic]
        if topic.label == "task" and topic.tasks == (task.id,):
            return topic
    return None


def _closest(task: Task, plan: Plan, question: str) -> Span:
    asked = set(gram_codes(fold(question)).tolist())
    title, *rest = sentences(task.body.of(plan.text), task.body.start)
    best, most = (rest or [title])[0], 0.0
    for sentence in rest or [title]:
        for match in _PIECE.finditer(sentence.of(plan.text)):
            span = Span(start=sentence.start + match.start(), end=sentence.start + match.end())
            shared = asked & set(gram_codes(fold(match.group())).tolist())
            weight = sum(1.0 if code < 1 << 21 else 3.0 for code in shared)
            if weight > most:
                best, most = span, weight
    text = best.of(plan.text).rstrip("，；")
    return Span(start=best.start, end=best.start + len(text))
