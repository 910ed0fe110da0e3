"""Reverse look-up: every task that names a unit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.answer.model import Answer, TaskHit
from knowledge.plan import Plan
from knowledge.units import Mention, Unit, UnitDirectory
from prompts import say

_THINGS = r"任务|事情?|活路?|活儿|工作|职责|责任|分工|差事|担子|内容|条款|条文|要求|条|项|件|块|桩"
_WHICH = r"哪些个?|哪几|哪一?|几|多少|啥子?|什么|么子|么事|甚么|咩|别的|其他|其它|所有|全部"
_DUTY = re.compile(
    rf"(?:{_WHICH})(?:个|项|条|件|样|点|桩|块|方面)?(?:的)?(?:{_THINGS})"
    rf"|(?:{_THINGS})(?:上|里|中)?(?:都|又|总共|一共|共)?(?:有|是|包括|分|列|占|领|做|干)?(?:了|到|着)?(?:{_WHICH})"
    rf"|(?:要|该|得|需要|负责|承担|参与|配合|牵头|管|干|做|搞|领|摊|分|背|扛|揽)(?:着|到|了|的)?(?:{_WHICH})"
    rf"|(?:有|写|列|挂|安排|在)(?:了|着|到)?(?:{_WHICH})|第?几(?:条|项|处|回|件)|有(?:吗|没|么|冇|不)"
    r"|干(?:嘛|啥|吗|么子)|做(?:什么|啥)|任务呢|有(?:没有)?(?:任务|活|份|事)|(?:列|罗列|汇总|梳理|整理|列举)(?:一下|出来|个表)|任务清单|职责清单|点(?:了|到)?(?:名|哪)"
)
_FILLER = re.compile(
    rf"{_THINGS}|"
    r"这个|那个|那帮人?|整个|出现|承担|这份|那份|方案|专班|里头|里面?|当中|那|中|在|我们|我|咱们?|你们|他们|它们?|他|请问|麻烦|劳驾|问一?下|问|一下|帮忙?|查|看|"
    r"所以|为什么|真的?|对|主抓|参加|进|算|份|冇|得|那些|这些|写|列|挂|安排|材料|交|一页纸|分别|急|出来|"
    r"新来|联络员|同志|领导|要|想|知道|到底|究竟|还|都|又|也|有|没有|没|被|把|给|给我|下|的|了|吗|呢|啊|呀|吧|么|哈|咯|不|是|和|跟|与|"
    r"除了|以外|之外|外|单独|具体|好|提前|准备|现在|主要|一共|总共|共|归|由|负责|牵头|参与|承担|配合|涉及|局|单位|部门|县|级|上|名下|头上|身上|手上|这边|那边|说|讲|[^\u3400-\u9fff]"
)
LEFT_OVER = 2
_WHICH_ONES = re.compile(rf"{_WHICH}")


def asks_for_tasks(text: str, mentions: Sequence[Mention], plan: Plan) -> bool:
    """Whether a question that names a unit asks, by its form, what that unit has to do, and names no matter.

    A matter beside the unit (「公安局负责哪些无人机的事」) leaves characters over, and the index decides.
    """
    if not mentions:
        return False
    masked = UnitDirectory.mask_mentions(text, mentions, "\n")
    if not masked.strip(" \n？?。.！!，,、"):
        return mentions[0].unit is not None  # nothing but a name
    left = _left_over(masked, mentions)
    matter = len(left) > 1 and left in plan.text
    return bool(_DUTY.search(masked)) and len(left) <= LEFT_OVER and not matter


def asks_whether_in(text: str, mentions: Sequence[Mention]) -> bool:
    """Whether a second question only asks if a unit is among those just named (「审计也有份？」)."""
    if not mentions or not all(mention.unit for mention in mentions):
        return False
    masked = UnitDirectory.mask_mentions(text, mentions, "\n")
    return not _WHICH_ONES.search(masked) and not _left_over(masked, mentions)


def _left_over(masked: str, mentions: Sequence[Mention]) -> str:
    """Characters of a masked question that are neither about duties, nor filler, nor of the units' names."""
    left = _FILLER.sub("", _DUTY.sub("", masked))
    names = {
        character
        for mention in mentions
        for character in mention.said + (mention.unit.name if mention.unit else "")
    }
    return "".join(character for character in left if character not in names)


def tasks_of(unit: Unit, plan: Plan, directory: UnitDirectory) -> tuple[TaskHit, ...]:
    """Tasks in plan order whose bracket names the unit under any spelling, with its role."""
    hits = []
    for task in plan.tasks:
        if unit.name in map(directory.canonical, task.lead):
            hits.append(TaskHit(id=task.id, title=task.title, score=1.0, role="lead"))
        elif unit.name in map(directory.canonical, (*task.units, *task.groups)):
            hits.append(TaskHit(id=task.id, title=task.title, score=1.0, role="responsible"))
    return tuple(hits)


def answer_units_of(
    question: str, unit: Unit, plan: Plan, directory: UnitDirectory, *, outside: bool, lead_only: bool
) -> Answer:
    """All tasks of a unit; with ``lead_only`` the wording speaks of those it leads."""
    hits = tasks_of(unit, plan, directory)
    leads = [hit for hit in hits if hit.role == "lead"]
    joins = [hit for hit in hits if hit.role != "lead"]
    members = {directory.canonical(name) for name in plan.roster}
    text = say(
        "answer/lead_of" if lead_only else "answer/units_of",
        unit=unit.name,
        outside=outside,
        leads=leads,
        joins=joins,
        spelled=[name for name in unit.spellings if name in plan.text],
        member=unit.name in members,
    )
    return Answer(
        question=question,
        decision="answer",
        intent="units_of",
        tasks=hits,
        units=unit.printed,
        text=text,
        subject=unit.name,
    )
