"""The responsibility bracket at a task's end: （甲局牵头，乙局、丙局等按职责分工负责）."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BRACKET = re.compile(r"[（(]([^（()）]*(?:[（(][^（()）]*[）)][^（()）]*)*)[）)]\s*[。.]?\s*$")
_SAYS_WHO = re.compile(r"负责|牵头|配合|落实|责任单位|参与")
_TAIL = re.compile(
    r"(?:根据|依|按照?|依据)?(?:各自)?(?:职责|职能)?(?:分工)?(?:共同|分别|具体|组织)?(?:负责|落实|实施)?$"
)
_LEAD = re.compile(r"(?:共同|联合)?牵头(?:负责|落实|实施|组织)?$")
_LEAD_LABEL = re.compile(r"^(?:牵头(?:责任)?单位|牵头领导单位)[:：]")
_LABEL = re.compile(r"^(?:责任单位|配合单位|参与单位|参加单位)[:：]")
_JOIN = re.compile(r"(?:协同|共同)?(?:配合|参与|参加|协助)(?:落实|负责)?$")
_OPEN = re.compile(r"等(?:\d+个?|[一二三四五六七八九十]+个?)?(?:单位|部门)?$")
_GROUP = re.compile(
    r"^(?:各|相关|有关|其他|其它|负有)|(?:成员单位|相关单位|有关单位|职能部门|主管部门|行业部门|各部门)$"
)


@dataclass(frozen=True, kw_only=True)
class Responsibility:
    """Who a bracket names: lead and responsible units, open groups, and whether it ends in 等."""

    lead: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    open_ended: bool = False


def find_bracket(paragraph: str) -> tuple[int, int] | None:
    """Return (start, end) of the responsibility bracket closing a paragraph, whatever its bracket style."""
    match = _BRACKET.search(paragraph)
    if match is None or not _SAYS_WHO.search(match.group(1)):
        return None
    start = match.start()
    return start, start + len(match.group(0).rstrip().rstrip("。. "))


def read_bracket(inside: str) -> Responsibility:
    """Read the text between the brackets into names, keeping the plan's own order and spelling."""
    lead: list[str] = []
    units: list[str] = []
    groups: list[str] = []
    open_ended = False
    for segment in re.split(r"[，,；;。]", re.sub(r"\s", "", inside)):
        leads = bool(_LEAD.search(segment) or _LEAD_LABEL.match(segment))
        core = _LABEL.sub("", _LEAD_LABEL.sub("", segment))
        core = _TAIL.sub("", _JOIN.sub("", _LEAD.sub("", core)))
        core, opened = _OPEN.subn("", core)
        open_ended = open_ended or bool(opened)
        for name in filter(None, re.split(r"[、\u3001]|(?<=[局办委])和(?=[县市省])", core)):
            if _GROUP.search(name):
                groups.append(name)
            elif leads:
                lead.append(name)
            else:
                units.append(name)
    return Responsibility(lead=tuple(lead), units=tuple(units), groups=tuple(groups), open_ended=open_ended)
