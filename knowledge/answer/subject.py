"""The matter of a question, without the words that only ask who."""

from __future__ import annotations

import re

LONGEST = 16
_ASKS = re.compile(
    r"^(?:请问|麻烦问一?下|问一?下|想问|劳驾|那个|那)[，,:：]?"
    r"|[，,]?(?:这个|这块|这种|这事|这些)?(?:该|应该|到底|是|要|能|由|归|找|属于|报给?|派给?|对接|跟)*"
    r"(?:谁|哪(?:个|一个|家|一家|几家|些|里|几个)?(?:单位|部门|局|科室|地方)?)"
    r"(?:来|在|去|家|是|给)?(?:管理?|负责|牵头|抓|处理|解决|受理|主管|办|查|的事|对口)?(?:一下|一管)?(?:呢|啊|呀|吗|的|了|咯)?$"
)


def matter_of(question: str) -> str:
    """The question's own words for its matter, at most 16 characters; empty when it is longer."""
    core = question.strip(" ？?。.！!，,、：:；;")
    for _ in range(2):
        core = _ASKS.sub("", core).strip(" ？?。.！!，,、：:；;")
    return core if 2 <= len(core) <= LONGEST else ""
