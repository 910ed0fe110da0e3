"""What a person gets for a question."""

from __future__ import annotations

import pytest

from knowledge.engine import Engine, load_engine

OFFICE_ANSWER = """黑加油点：任务1.1。方案未明确牵头单位，列名17家单位（另有“等”）按职责分工负责。
责任单位：县发改局、县教育局、县科工信局、县公安局、市生态环境局平江分局、县民政局、县住建局、县交通运输局、县农业农村局、县商务局、县卫健局、县文旅广体局、县应急管理局、县市场监督管理局、县城管局※、县消防救援大队、县财政局国资中心等
任务名称：深化重点行业领域专项整治
原文：「……黑加油点“大扫除”……」（第一部分第1条）
可先对接：县商务局（成品油流通；推断，非方案规定，以专班办公室答复为准）
※未列入专班成员单位"""


def test_the_main_answer_has_the_offices_shape(engine: Engine) -> None:
    assert engine.answerer.answer("黑加油点归谁管").text == OFFICE_ANSWER


def test_hints_are_hidden_in_chat_until_the_office_confirms_them() -> None:
    unconfirmed = load_engine(embedding="off", confirmed_hints=())
    answer = unconfirmed.answerer.answer("黑加油点归谁管")
    assert "可先对接" not in answer.text
    assert answer.suggested is not None
    confirmed = load_engine(embedding="off", confirmed_hints={answer.suggested.key})
    assert "可先对接：县商务局" in confirmed.answerer.answer("黑加油点归谁管").text


@pytest.mark.parametrize(
    ("question", "task", "says"),
    [
        ("“三保”哪个单位负责", "2.4", "由县财政局牵头负责。"),
        ("山上着火谁牵头", "1.6", "由县应安委办※牵头，列名8家责任单位（另有“等”）按职责分工负责。"),
        ("寺庙教堂归哪个局管", "3.9", "由县民宗局牵头，相关成员单位按职责分工负责。"),
        ("潇湘飞鹰谁牵头", "3.3", "由县公安局牵头，相关单位按职责分工负责。"),
        ("水库大坝漏水了要加固，归谁管？", "1.5", "方案未明确牵头单位，列名8家单位（另有“等”）"),
        ("任务3.10", "3.10", "由县市场监督管理局牵头"), ("第三部分第十条归谁", "3.10", "由县市场监督管理局牵头"),
        ("2.7 呢", "2.7", "列名7家单位"),
    ],
)  # fmt: skip
def test_task_answers(engine: Engine, question: str, task: str, says: str) -> None:
    answer = engine.answerer.answer(question)
    assert (answer.decision, answer.intent, answer.tasks[0].id) == ("answer", "task", task)
    assert says in answer.text
    quote = answer.quotes[0]
    assert engine.plan.text[quote.start : quote.end] == quote.text


def test_the_first_listed_unit_is_never_called_lead(engine: Engine) -> None:
    for task in engine.plan.tasks:
        text = engine.answerer.answer_task(task.id).text
        assert ("未明确牵头单位" in text) == (not task.lead)


def test_a_unit_named_in_the_question_is_answered_about(engine: Engine) -> None:
    assert "县市场监督管理局：是本项任务的牵头单位。" in engine.answerer.answer("八条鱼整治归市监局吗").text
    assert "县住建局：列为责任单位，不是牵头单位。" in engine.answerer.answer("保交楼是住建牵头吧").text


@pytest.mark.parametrize(
    ("question", "tasks"),
    [
        ("我们公安局在这个方案里要干哪些事？", "1.1 1.4 2.6 2.7 3.1 3.2 3.3 3.4 3.5"), ("市监局有几项任务", "1.1 1.4 3.10"),
        ("金融办要做哪几条？", "2.2 2.3 2.5 2.6"), ("国资中心被点到哪几条", "1.1 2.5"),
        ("财政局有哪些任务", "2.1 2.2 2.3 2.4 2.5 2.7"), ("人武部要做什么", "1.6"), ("应安委办牵头哪几条？", "1.2 1.3 1.6"),
    ],
)  # fmt: skip
def test_reverse_look_up_is_complete(engine: Engine, question: str, tasks: str) -> None:
    answer = engine.answerer.answer(question)
    assert answer.intent == "units_of"
    assert [hit.id for hit in answer.tasks] == tasks.split()
    assert all(hit.role in ("lead", "responsible") for hit in answer.tasks)


def test_our_bureau_is_the_askers(engine: Engine) -> None:
    answer = engine.answerer.answer("我们局有哪些任务", as_unit="县商务局")
    assert [hit.id for hit in answer.tasks] == ["1.1"]
    assert "请说明是哪个单位" in engine.answerer.answer("我们局有哪些任务").text


def test_a_bureau_the_plan_does_not_name_is_refused(engine: Engine) -> None:
    answer = engine.answerer.answer("人社局在方案里有什么任务？")
    assert answer.decision == "refuse"
    assert "方案没有点名“人社局”" in answer.text
    assert not answer.units


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("专班办公室设在哪里？", "专班办公室设在县应急管理局"), ("这个专班哪个领导挂帅", "县政府分管副县长"),
        ("召集人是谁", "县政府办分管副主任"), ("副召集人有哪几位？", "县应急管理局、县财政局、县公安局主要负责人"),
        ("成员单位名单发一下", "列名成员单位34家"), ("城管局在不在专班成员单位里", "没有列出县城管局"),
        ("人武部也是成员单位不？", "是。人武部军事科"),
    ],
)  # fmt: skip
def test_mechanism(engine: Engine, question: str, says: str) -> None:
    answer = engine.answerer.answer(question)
    assert answer.intent == "mechanism"
    assert says in answer.text


def test_goals_are_quoted(engine: Engine) -> None:
    answer = engine.answerer.answer("较大以上的安全事故目标定的几起")
    assert answer.intent == "goal"
    assert "坚决杜绝较大及以上生产安全事故发生" in answer.text


@pytest.mark.parametrize(
    ("previous", "question", "task"),
    [
        ("水库除险加固是哪些单位负责？", "那牵头的是哪家", "1.5"), ("矛盾纠纷排查化解谁牵头", "除了政法委还有谁", "3.6"),
        ("“三查一曝光两闭环”谁牵头？", "举报给奖金那个呢？", "1.3"), ("新增隐债谁管", "那欠企业的货款呢", "2.2"),
        ("超市卖过期食品谁管", "外卖也归他们吗", "3.10"), ("黑加油点归谁管", "什么时候完成", "1.1"),
    ],
)  # fmt: skip
def test_follow_ups(engine: Engine, previous: str, question: str, task: str) -> None:
    answer = engine.answerer.answer(question, previous=previous)
    assert answer.decision == "answer"
    assert answer.tasks[0].id == task


def test_a_follow_up_about_a_unit_after_a_reverse_look_up(engine: Engine) -> None:
    answer = engine.answerer.answer("那住建局呢", previous="公安局有哪些任务")
    assert [hit.id for hit in answer.tasks] == ["1.1", "1.5", "2.7"]


def test_a_follow_up_with_nothing_before_it_asks_for_the_whole_question(engine: Engine) -> None:
    answer = engine.answerer.answer("那牵头的是哪家")
    assert answer.decision == "refuse"
    assert "请把要问的事说完整" in answer.text


@pytest.mark.parametrize(
    "question", ["水费怎么交", "明天平江会下雨吗", "教育局电话多少？", "讲个笑话听听", "收到，谢谢！"]
)
def test_what_is_not_covered_names_no_unit(engine: Engine, question: str) -> None:
    answer = engine.answerer.answer(question)
    assert answer.decision == "refuse"
    assert not (answer.lead or answer.units or answer.groups or answer.quotes)


def test_broad_questions_are_asked_back_with_two_or_three_tasks(engine: Engine) -> None:
    answer = engine.answerer.answer("债务的事找谁？")
    assert answer.decision == "ask"
    assert 2 <= len(answer.tasks) <= 3
    assert {"2.1", "2.2", "2.3"} >= {hit.id for hit in answer.tasks}


def test_without_the_dense_leg_the_lexical_leg_answers_and_says_so() -> None:
    lexical = load_engine(embedding="off")
    answer = lexical.answerer.answer("黑加油点归谁管")
    assert answer.tasks[0].id == "1.1"
    assert answer.legs == ("lexical",)
    assert lexical.dense_fault


def test_answers_do_not_depend_on_what_was_asked_before(engine: Engine) -> None:
    questions = ["黑加油点归谁管", "债务的事找谁？", "水费怎么交"]
    once = [engine.answerer.answer(question) for question in questions]
    again = [load_engine().answerer.answer(question) for question in reversed(questions)]
    assert once == list(reversed(again))
