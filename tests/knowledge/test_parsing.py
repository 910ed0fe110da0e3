"""Parsing and repair on plans other than the shipped one."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.errors import NotAPlan, UnreadablePlan
from knowledge.plan import load_plan, parse_plan
from knowledge.plan.brackets import find_bracket, read_bracket
from knowledge.plan.repair import repair
from knowledge.reading import Line

OTHER = """某某县森林防火工作方案
一、总体要求
守住不发生重大森林火灾的底线。
二、重点任务
（一）源头管控
1. 严控野外火源。清明、冬至前后设卡检查。（牵头单位：县林业局；责任单位：县公安局、各乡镇）
2．抓好宣传。入户发放明白
卡。（县融媒体中心、县教育局共同负责）
（二）应急处置
1、备足物资。2026年10月底前完成储备。（县应急管理局牵头，县林业局配合）
三、保障措施
成立工作专班，由县长牵头，由县政府办主任任召集人，成员单位为县林业局、县公安局，办公室设在县林业局。
"""


def lines(text: str) -> list[Line]:
    return [Line(text=line.strip()) for line in text.splitlines()]


def test_another_plan_of_the_kind_is_read() -> None:
    plan = parse_plan(lines(OTHER))
    assert [(task.id, task.title) for task in plan.tasks] == [
        ("1.1", "严控野外火源"), ("1.2", "抓好宣传"), ("2.1", "备足物资"),
    ]  # fmt: skip
    first, second, third = plan.tasks
    assert (first.lead, first.units, first.groups) == (("县林业局",), ("县公安局",), ("各乡镇",))
    assert second.units == ("县融媒体中心", "县教育局")
    assert "入户发放明白卡。" in second.text
    assert (third.lead, third.units) == (("县应急管理局",), ("县林业局",))
    assert third.deadline == "2026年10月底前"
    assert plan.roster == ("县林业局", "县公安局")
    assert plan.mechanism is not None
    assert plan.mechanism.convener == "县政府办主任"


@pytest.mark.parametrize(
    ("inside", "lead", "units", "groups", "open_ended"),
    [
        ("县财政局牵头负责", ("县财政局",), (), (), False),
        ("县公安局牵头，相关单位按职责分工负责", ("县公安局",), (), ("相关单位",), False),
        ("甲局、乙局等按职责分工负责", (), ("甲局", "乙局"), (), True),
        ("甲局、乙局牵头；丙局参与", ("甲局", "乙局"), ("丙局",), (), False),
        ("甲局 牵头，乙\n局等按职责分工负责", ("甲局",), ("乙局",), (), True),
    ],
)
def test_bracket_forms(
    inside: str, lead: tuple[str, ...], units: tuple[str, ...], groups: tuple[str, ...], open_ended: bool
) -> None:
    found = read_bracket(inside)
    assert (found.lead, found.units, found.groups, found.open_ended) == (lead, units, groups, open_ended)


def test_mixed_brackets_and_inner_brackets_are_found() -> None:
    text = "整治建筑施工（含自建房）。（县住建局、乡镇（街道）等按职责分工负责)"
    found = find_bracket(text)
    assert found is not None
    assert text[found[0] : found[1]] == "（县住建局、乡镇（街道）等按职责分工负责)"


def test_a_bracket_that_names_nobody_is_no_responsibility() -> None:
    assert find_bracket("推进整治（含自建房）") is None


def test_repair_joins_inside_an_open_bracket_even_after_a_full_stop() -> None:
    text, repairs = repair(lines("1. 做事。（甲局、乙\n\n局负责）"))
    assert text == "1. 做事。（甲局、乙局负责）"
    assert repairs[0].before.endswith("乙")


def test_files_that_are_no_plan_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.md"
    empty.write_text("只有一句话。", encoding="utf-8")
    with pytest.raises(NotAPlan):
        load_plan(empty)
    for name, content in (("binary.md", b"\0\1\2"), ("odd.md", b"\xff\xfe\xfd\xff\xff"), ("plan.exe", b"x")):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(UnreadablePlan):
            load_plan(path)
    with pytest.raises(UnreadablePlan, match="no such plan file"):
        load_plan(tmp_path / "missing.md")


def test_gb18030_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.txt"
    path.write_bytes(OTHER.encode("gb18030"))
    assert len(load_plan(path).tasks) == 3
