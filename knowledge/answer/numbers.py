"""Tasks asked for by number: 任务1.1, 3.10归谁, 第一部分第1条."""

from __future__ import annotations

import re

from knowledge.plan import Plan

_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_NUM = r"(\d{1,2}|[一二三四五六七八九十]{1,3})"
_DOTTED = re.compile(
    r"(?:任务|第|编号|序号)?\s*(?<![\d.])(\d{1,2})\s*[.．。、\-－]\s*(\d{1,2})(?![\d.%％]|万|亿|元|米|度|倍|吨|级|公里|版|折|G|g)"
)
_SPOKEN = re.compile(
    rf"第?{_NUM}(?:大)?(?:部分|块|大项|大类|章)[^\d一二三四五六七八九十]{{0,6}}第?{_NUM}(?:条|项|点|个任务|款|小项)"
)
_TASK_WORD = re.compile(r"任务|编号|序号|第")
_FRAME = re.compile(
    r"[\s？?，,。！!、：:]|请问|麻烦|查一下|看看|看下|一下|方案|里面?|是|什么|啥|的|内容|原文|怎么说|谁|哪个|哪些|哪家|单位|部门|负责|牵头|责任|归|管|呢|吗|吧|啊|讲|说|写|条|项|任务|编号|第|那"
)


def find_number(text: str, plan: Plan) -> str | None:
    """The task id a question names, whether or not the plan has it; None if it names none.

    A bare dotted number counts only when nothing but question words stands beside it, so that
    「涨了1.5」 is not a task.
    """
    for match in _SPOKEN.finditer(text):
        part, number = _value(match.group(1)), _value(match.group(2))
        if part and number:
            return f"{part}.{number}"
    for match in _DOTTED.finditer(text):
        task_id = f"{int(match.group(1))}.{int(match.group(2))}"
        rest = _FRAME.sub("", text[: match.start()] + text[match.end() :])
        if _TASK_WORD.search(match.group(0)) or not rest or (task_id in plan.by_id and len(rest) <= 2):
            return task_id
    return None


def _value(numeral: str) -> int:
    if numeral.isdigit():
        return int(numeral)
    tens, ten, ones = numeral.partition("十")
    if not ten:
        return _DIGITS.get(numeral, 0) if len(numeral) == 1 else 0
    return (_DIGITS.get(tens, 1) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
