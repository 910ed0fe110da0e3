"""The register of the shipped plan, checked against a table made by hand from the document."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from knowledge.plan import Plan
from knowledge.plan.lint import lint
from knowledge.units import UnitDirectory

EXPECTED = json.loads((Path(__file__).parent / "register.json").read_text(encoding="utf-8"))


def test_every_task_is_found(plan: Plan) -> None:
    assert [task.id for task in plan.tasks] == [row["id"] for row in EXPECTED["tasks"]]
    assert len(plan.tasks) == 23


@pytest.mark.parametrize("row", EXPECTED["tasks"], ids=lambda row: row["id"])
def test_lead_units_groups_and_openness_are_the_plans(plan: Plan, row: dict[str, object]) -> None:
    task = plan.by_id[str(row["id"])]
    found = {
        "id": task.id, "title": task.title, "lead": list(task.lead), "units": list(task.units),
        "groups": list(task.groups), "open_ended": task.open_ended,
    }  # fmt: skip
    assert found == row


def test_offsets_give_back_the_text(plan: Plan) -> None:
    for task in plan.tasks:
        assert task.whole.of(plan.text) == task.text
        assert task.body.of(plan.text).startswith(task.title)
        assert task.bracket is not None
        assert task.bracket.of(plan.text)[0] in "（("
        assert task.bracket.of(plan.text)[-1] in "）)"


def test_task_force_is_read(plan: Plan) -> None:
    assert plan.mechanism is not None
    assert list(plan.roster) == EXPECTED["roster"]
    assert len(plan.roster) == 34
    assert plan.mechanism.lead_person == "县政府分管副县长"
    assert plan.mechanism.convener == "县政府办分管副主任"
    assert plan.mechanism.deputy_conveners == ("县应急管理局", "县财政局", "县公安局")
    assert plan.mechanism.office == "县应急管理局"
    assert plan.mechanism.office_duties == "日常协调和调度工作"


def test_goals_are_found(plan: Plan) -> None:
    assert plan.goals is not None
    assert plan.goals.of(plan.text).startswith("深化安全生产治本攻坚")
    assert plan.goals.of(plan.text).endswith("更有保障。")


def test_sentences_cut_by_pages_are_whole_again(plan: Plan) -> None:
    assert "持续开展交通、矿山、消防、危化品" in plan.text
    assert "市生态环境局平江分局、县消防救援大队" in plan.by_id["1.5"].text
    assert "“湘鄂猎泉”" in plan.by_id["3.5"].text
    assert len(plan.repairs) == 10


def test_lint_names_what_a_clerk_should_know(plan: Plan, directory: UnitDirectory) -> None:
    findings = lint(plan, directory)
    by_code: dict[str, list[str]] = {}
    for finding in findings:
        by_code.setdefault(finding.code, []).append(finding.detail)
    assert "县城管局" in by_code["unit-not-in-roster"]
    assert "县应安委办" in by_code["unit-not-in-roster"]
    assert set(by_code["one-unit-two-names"]) == {
        "人武部军事科 / 县人武部军事科", "县财政局 / 财政局", "县财政局国资中心 / 县国资中心",
    }  # fmt: skip
    assert [f.where for f in findings if f.code == "mixed-brackets"] == ["1.5", "2.5", "3.10"]
    assert len(by_code["split-sentence"]) == 10
