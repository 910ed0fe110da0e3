"""Unit names as people say them."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.errors import DataError
from knowledge.plan import Plan
from knowledge.units import Unit, UnitDirectory


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("应急局负责哪些", "县应急管理局"), ("市监局有几项任务", "县市场监督管理局"), ("住建的活有哪些", "县住建局"),
        ("人行也有任务吗", "中国人民银行平江营业管理部"), ("城管要干什么", "县城管局"), ("公安那边呢", "县公安局"),
        ("应安委办牵头哪几条", "县应安委办"), ("水利上的那个局负责啥", "县水利局"), ("国资中心被点到哪几条", "县国资中心"),
    ],
)  # fmt: skip
def test_short_names_are_found(directory: UnitDirectory, said: str, name: str) -> None:
    found = directory.find(said)
    assert [mention.unit.name for mention in found if mention.unit] == [name]


@pytest.mark.parametrize("said", ["公安机器人", "消防栓坏了", "水利工程", "气象雷达"])
def test_everyday_words_are_no_units(directory: UnitDirectory, said: str) -> None:
    assert not directory.find(said)


def test_bureaus_the_plan_does_not_name_are_known_as_such(directory: UnitDirectory) -> None:
    (mention,) = directory.find("人社局在方案里有什么任务")
    assert mention.said == "人社局"
    assert mention.unit is None


def test_every_name_in_the_plan_is_in_the_directory(plan: Plan, directory: UnitDirectory) -> None:
    named = {name for task in plan.tasks for name in task.named} | set(plan.roster)
    assert {name for name in named if directory.get(name) is None} == set()


def test_one_name_for_two_units_is_refused() -> None:
    with pytest.raises(DataError, match="names both"):
        UnitDirectory([Unit(name="甲局", aliases=("局",)), Unit(name="乙局", aliases=("局",))])


def test_broken_unit_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "units.toml"
    for content in (
        "[[unit]\n",
        '[[unit]]\nname = "甲"\nkind = "x"\n',
        '[[unit]]\nname = "甲"\naliases = [1]\n',
    ):
        path.write_text(content, encoding="utf-8")
        with pytest.raises(DataError, match=r"units\.toml"):
            UnitDirectory.load(path)
