"""The matter of a question, without the words that only ask who."""

from __future__ import annotations

import re

LONGEST = 16
_BARE = re.compile(
    r"谁|哪|个|家|些|里|单位|部门|局|负责|牵头|责任|归|管|抓|找|该|是|的|呢|啊|吗|吧|呀|由|对接|请问|一下|这|那|事|块|情|什么|怎么办|要|来|在|去|[^\u3400-\u9fff]"
)
_CHOICE = re.compile(
    r"^(?:我?(?:选|要|说的?是|指的?是|问的?是)?)?第?([1-9一二三四五])(?:个|项|条|号)?[.。、]?$"
)
_ASKS = re.compile(
    r"^(?:请问|麻烦问一?下|问一?下|想问|劳驾|那个|那)[，,:：]?"
    r"|[，,]?(?:这个|这块|这种|这事|这些)?(?:该|应该|到底|是|要|能|去|在|由|归|找|属于|报给?|派给?|对接|跟)*"
    r"(?:谁|哪(?:个|一个|家|一家|几家|些|里|几个)?(?:单位|部门|局|科室|地方)?)"
    r"(?:来|在|去|家|是|给)?(?:管理?|负责|牵头|抓|处理|解决|受理|主管|办|查|的事|对口)?(?:一下|一管)?(?:呢|啊|呀|吗|的|了|咯)?$"
)


def is_bare(question: str) -> bool:
    """Whether a question is made of question words alone (「谁负责」) and names no matter at all."""
    return not _BARE.sub("", question)


def choice_in(question: str) -> int | None:
    """The number a reply to an offer of tasks chooses, from 1 (「第二个」, 「2」), or None."""
    match = _CHOICE.match(question.strip(" ！!？?"))
    if match is None:
        return None
    said = match.group(1)
    return int(said) if said.isdecimal() else "一二三四五".index(said) + 1


def matter_of(question: str) -> str:
    """The question's own words for its matter, at most 16 characters; empty when it is longer."""
    core = question.strip(" ？?。.！!，,、：:；;")
    for _ in range(2):
        core = _ASKS.sub("", core).strip(" ？?。.！!，,、：:；;")
    return core if 2 <= len(core) <= LONGEST else ""
