"""The paragraph that sets up the task force (工作专班 or 领导小组)."""

from __future__ import annotations

import re

from knowledge.plan.model import Mechanism, Span

_LEAD = re.compile(r"由([^，,。；]+?)(?:牵头|任组长|担任组长)")
_CONVENER = re.compile(r"[，,、]\s*(?:由)?([^，,。；]+?)(?:担任|任)召集人")
_DEPUTIES = re.compile(r"[，,]\s*(?:由)?([^，,。；]+?)(?:担任|任)副召集人")
_TITLE = re.compile(r"((?:主要|分管)?(?:负责人|负责同志|领导))$")
_MEMBERS = re.compile(r"成员单位(?:包括|为|有|由)[:：]?([^，,。；]+)")
_OFFICE = re.compile(r"办公室设在([^，,。；]+)(?:[，,]\s*负责([^。；]+))?")


def read_mechanism(paragraph: str, start: int) -> Mechanism | None:
    """Read a paragraph of the stored text beginning at ``start``; None if it sets up no task force."""
    members = _MEMBERS.search(paragraph)
    office = _OFFICE.search(paragraph)
    if members is None and office is None:
        return None
    names, open_ended = _names(members.group(1) if members else "")
    deputies_source = _first(_DEPUTIES, paragraph)
    title = _TITLE.search(deputies_source)
    deputies, _ = _names(_TITLE.sub("", deputies_source))
    return Mechanism(
        span=Span(start=start, end=start + len(paragraph)),
        lead_person=_first(_LEAD, paragraph),
        convener=_first(_CONVENER, paragraph),
        deputy_conveners=deputies,
        deputy_title=title.group(1) if title else "",
        roster=names,
        roster_open_ended=open_ended,
        office=office.group(1) if office else "",
        office_duties=(office.group(2) or "") if office else "",
    )


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match.group(1).strip() if match else ""


def _names(source: str) -> tuple[tuple[str, ...], bool]:
    body = source.strip()
    core = body.removesuffix("等")
    return tuple(name.strip() for name in core.split("、") if name.strip()), core != body
