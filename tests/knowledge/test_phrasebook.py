"""The phrasebook's promises, and that no test question ever slipped into it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from knowledge.engine import DATA, Engine
from knowledge.errors import DataError
from knowledge.evaluation.sets import load_set
from knowledge.phrasebook import load_phrasebook
from knowledge.plan import Plan
from tests.conftest import EVAL


def squash(text: str) -> str:
    return re.sub(r"\W", "", text)


def test_every_task_has_eighty_questions_and_more(engine: Engine) -> None:
    counts = dict.fromkeys(engine.plan.by_id, 0)
    for topic in engine.phrasebook.of("task"):
        counts[topic.tasks[0]] += len({squash(line) for line in topic.ask})
    assert min(counts.values()) >= 80, counts


def test_three_hundred_and_more_are_not_covered(engine: Engine) -> None:
    assert len({squash(line) for topic in engine.phrasebook.of("uncovered") for line in topic.ask}) >= 300


def test_every_file_is_bound_and_every_clause_is_the_plans(engine: Engine) -> None:
    assert engine.phrasebook.unbound == ()
    for topic in engine.phrasebook.topics:
        if topic.clause:
            assert topic.anchor is not None
            assert topic.anchor.of(engine.plan.text) == topic.clause


def test_no_question_of_the_test_sets_is_in_the_phrasebook(engine: Engine) -> None:
    """A short bare term may be asked by anybody; a whole sentence twice is a leak."""
    phrases = {squash(line) for topic in engine.phrasebook.topics for line in topic.ask}
    asked = {squash(question.q) for path in EVAL.glob("*.jsonl") for question in load_set(path)}
    assert {question for question in asked & phrases if len(question) > 9} == set()


def test_no_phrase_stands_for_covered_and_uncovered_at_once(engine: Engine) -> None:
    covered = {squash(line) for topic in engine.phrasebook.of("task") for line in topic.ask}
    foreign = {squash(line) for topic in engine.phrasebook.of("uncovered") for line in topic.ask}
    assert covered & foreign == set()


def test_a_reworded_title_is_seen_and_loses_nothing_else(tmp_path: Path, plan: Plan) -> None:
    body = 'title = "{}"\n[[topic]]\nabout = "甲"\nask = """\n谁管\n"""\n'
    (tmp_path / "1.1.toml").write_text(body.format(plan.tasks[0].title), encoding="utf-8")
    (tmp_path / "1.2.toml").write_text(body.format("别的任务"), encoding="utf-8")
    book = load_phrasebook(tmp_path, plan)
    assert book.unbound == ("1.2.toml",)
    assert [topic.tasks for topic in book.topics] == [("1.1",)]


@pytest.mark.parametrize(
    "content",
    [
        "[[topic]", '[[topic]]\nabout = "无题"\nask = "谁管"\n',
        'title = "{title}"\n[[topic]]\nabout = ""\nask = "谁管"\n',
        'title = "{title}"\n[[topic]]\nabout = "甲"\n',
        'title = "{title}"\n[[topic]]\nabout = "甲"\nask = "谁管"\nclause = "方案里没有的话"\n',
    ],
)  # fmt: skip
def test_broken_files_are_named(tmp_path: Path, plan: Plan, content: str) -> None:
    (tmp_path / "x.toml").write_text(content.replace("{title}", plan.tasks[0].title), encoding="utf-8")
    with pytest.raises(DataError, match=r"x\.toml"):
        load_phrasebook(tmp_path, plan)


def test_hints_name_only_the_tasks_own_units(engine: Engine, tmp_path: Path) -> None:
    from knowledge.duties import Duties

    hints = Duties.load(DATA / "duties.toml", engine.plan).hints
    assert len(hints) > 20
    path = tmp_path / "duties.toml"
    title = engine.plan.tasks[0].title
    path.write_text(
        f'[[hint]]\ntask = "{title}"\nunit = "县信访局"\nbecause = "x"\nwords = ["y"]\n', encoding="utf-8"
    )
    with pytest.raises(DataError, match=r"县信访局 is not a unit of task 1\.1"):
        Duties.load(path, engine.plan)
