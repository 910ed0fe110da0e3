"""Questions about the task force itself, and about the plan's goals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.answer.model import Answer, Quote
from knowledge.answer.quoting import TRUSTED_MATCH
from knowledge.answer.reverse import tasks_of
from knowledge.phrasebook import Topic
from knowledge.plan import Mechanism, Plan, Span
from knowledge.retrieval.corpus import Entry
from knowledge.retrieval.text import fold, gram_codes
from knowledge.units import Mention, UnitDirectory
from prompts import say

QUOTED_NAMES = 30
_PIECE = re.compile(r"[^，；。]+")
_ANCHORS = {
    "leader": "牵头", "convener": "召集人", "deputies": "副召集人", "office": "办公室设在", "duties": "负责日常",
    "members": "成员单位包括", "count": "成员单位包括", "membership": "成员单位包括",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Membership:
    """Whether a unit asked about stands on the roster, how it is printed there, and which tasks name it."""

    name: str
    printed: str
    named_in: tuple[str, ...]


def answer_mechanism(
    question: str, slot: str, plan: Plan, directory: UnitDirectory, mentions: Sequence[Mention]
) -> Answer | None:
    """Answer one slot of the mechanism; None when the plan sets up no task force."""
    mechanism = plan.mechanism
    if mechanism is None:
        return None
    if slot == "membership" and not mentions:
        slot = "members"
    asked = [_membership(mention, mechanism, plan, directory) for mention in mentions]
    quote = _clause(plan, mechanism, slot)
    text = say("answer/mechanism", m=mechanism, slot=slot, asked=asked, quote=quote.text)
    units = (
        tuple(one.printed or one.name for one in asked) if slot == "membership" else _units(slot, mechanism)
    )
    return Answer(
        question=question,
        decision="answer",
        intent="mechanism",
        units=units,
        quotes=(quote,),
        text=text,
        subject=slot,
    )


def _membership(mention: Mention, mechanism: Mechanism, plan: Plan, directory: UnitDirectory) -> Membership:
    unit = mention.unit
    if unit is None:
        return Membership(name=mention.said, printed="", named_in=())
    printed = next((name for name in mechanism.roster if directory.canonical(name) == unit.name), "")
    named_in = tuple(hit.id for hit in tasks_of(unit, plan, directory))
    return Membership(name=unit.name, printed=printed, named_in=named_in)


def answer_goal(
    question: str, plan: Plan, hits: Sequence[tuple[Entry, float]], topics: Sequence[Topic]
) -> Answer | None:
    """Quote the goals: the clause asked about, or all of them; None when the plan states none."""
    if plan.goals is None:
        return None
    topic = next(
        (
            topics[entry.topic]
            for entry, match in hits
            if entry.topic is not None and topics[entry.topic].label == "goal" and match >= TRUSTED_MATCH
        ),
        None,
    )
    span = _goal_piece(plan.goals, plan, question) or (topic.anchor if topic else None) or plan.goals
    quote = Quote(task="", text=span.of(plan.text), start=span.start, end=span.end)
    text = say("answer/goal", quote=quote.text)
    return Answer(question=question, decision="answer", intent="goal", quotes=(quote,), text=text)


def _goal_piece(goals: Span, plan: Plan, question: str) -> Span | None:
    """The piece of the goals that shares most longer n-grams with the question, if it shares three."""
    asked = {code for code in gram_codes(fold(question)).tolist() if code >= 1 << 21}
    best, most = None, 2
    for match in _PIECE.finditer(goals.of(plan.text)):
        shared = len(asked & set(gram_codes(fold(match.group())).tolist()))
        if shared > most:
            best, most = Span(start=goals.start + match.start(), end=goals.start + match.end()), shared
    return best


def _units(slot: str, mechanism: Mechanism) -> tuple[str, ...]:
    by_slot: dict[str, tuple[str, ...]] = {
        "leader": (mechanism.lead_person,), "convener": (mechanism.convener,),
        "deputies": mechanism.deputy_conveners, "office": (mechanism.office,), "duties": (mechanism.office,),
        "members": mechanism.roster, "count": mechanism.roster,
    }  # fmt: skip
    everyone = (mechanism.lead_person, mechanism.convener, *mechanism.deputy_conveners, mechanism.office)
    return tuple(dict.fromkeys(filter(None, by_slot.get(slot, everyone))))


def _clause(plan: Plan, mechanism: Mechanism, slot: str) -> Quote:
    """The piece between commas that states the slot; the roster's own piece is cut after its first names."""
    whole = mechanism.span
    text = whole.of(plan.text)
    anchor = _ANCHORS.get(slot, "")
    at = text.find(anchor) if anchor else -1
    if at < 0:
        start, end = 0, text.find("。") + 1 or len(text)
    else:
        start = max(text.rfind("，", 0, at), text.rfind("。", 0, at)) + 1
        stops = [i for i in (text.find(c, at) for c in "，。") if i >= 0]
        end = min(stops, default=len(text))
    if slot in ("members", "count", "membership", ""):
        end = max(text.rfind("、", start, start + QUOTED_NAMES), start + len(anchor))
    return Quote(task="", text=text[start:end], start=whole.start + start, end=whole.start + end)
