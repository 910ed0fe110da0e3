"""Questions in the group chats, through the local Bot API."""

from __future__ import annotations

import asyncio

from tests.desk.conftest import County, buttons


async def test_a_question_by_command_is_answered_with_the_plans_units(county: County) -> None:
    answer = await county.ask("/ask 黑加油点归谁管")
    assert answer["text"].startswith("黑加油点：任务1.1。方案未明确牵头单位，列名17家单位")
    assert "原文：「……黑加油点“大扫除”……」" in answer["text"]
    assert answer["reply_to_message"]["text"] == "/ask 黑加油点归谁管"


async def test_a_hint_nobody_confirmed_is_not_shown_in_chat(county: County) -> None:
    assert "可先对接" not in (await county.ask("/ask 黑加油点归谁管"))["text"]


async def test_mention_reply_and_private_chat_ask_too(county: County) -> None:
    mentioned = await county.ask("@zhuanban_bot 山上着火谁牵头")
    assert "任务1.6" in mentioned["text"]
    replied = await county.ask("寺庙教堂归哪个局管", reply_to=mentioned["message_id"])
    assert "任务3.9" in replied["text"]
    private = await county.ask("“三保”哪个单位负责", chat=county.liaison)
    assert "由县财政局牵头负责" in private["text"]
    assert "reply_to_message" not in private


async def test_talk_that_is_not_for_the_bot_is_left_alone(county: County) -> None:
    quiet = await county.say("大家下午三点开会")
    asked = await county.ask("/ask 黑加油点归谁管")
    said = await county.messages(after=quiet["message_id"])
    assert [message["message_id"] for message in said] == [asked["message_id"]]


async def test_a_broad_question_is_asked_back_and_a_tap_answers_it(county: County) -> None:
    offer = await county.ask("/ask 债务的事找谁？")
    labels = buttons(offer)
    assert labels[-1] == "都不是"
    assert 3 <= len(labels) <= 4
    await county.tap(offer, labels[0])
    answer = await county.bot_says(has="按职责分工负责")
    assert answer["message_id"] == offer["message_id"]
    assert buttons(answer) == ["👍", "👎"]
    assert (await county.tap(answer, "👍"))["answer"] == "已记下，谢谢"
    assert (await county.tap(answer, "👍"))["answer"] == "您已评价过"


async def test_none_of_these_offers_the_office(county: County) -> None:
    offer = await county.ask("/ask 债务的事找谁？")
    await county.tap(offer, "都不是")
    refused = await county.bot_says(has="助手不推测责任单位")
    assert buttons(refused) == ["转专班办公室"]


async def test_a_follow_up_refers_to_the_persons_last_question(county: County) -> None:
    await county.ask("/ask 水库除险加固是哪些单位负责？")
    answer = await county.ask("@zhuanban_bot 那牵头的是哪家")
    assert "任务1.5" in answer["text"]
    assert "方案未明确牵头单位" in answer["text"]


async def test_a_follow_up_is_forgotten_after_ten_minutes(county: County) -> None:
    await county.ask("/ask 水库除险加固是哪些单位负责？")
    await county.post("/sim/clock", advance_s=601)
    answer = await county.ask("@zhuanban_bot 那牵头的是哪家")
    assert "请把要问的事说完整" in answer["text"]


async def test_somebody_elses_question_is_not_followed(county: County) -> None:
    await county.ask("/ask 水库除险加固是哪些单位负责？")
    answer = await county.ask("@zhuanban_bot 那牵头的是哪家", who=county.seeded.office)
    assert "请把要问的事说完整" in answer["text"]


async def test_an_uncovered_question_goes_to_the_office_and_comes_back(county: County) -> None:
    refused = await county.ask("/ask 水费怎么交")
    assert "方案未涉及“水费怎么交”，助手不推测责任单位" in refused["text"]
    foreign = await county.tap(refused, "转专班办公室", who=county.seeded.office)
    assert foreign["answer"] == "请由提问人点按"
    assert (await county.tap(refused, "转专班办公室"))["answer"] == "已转专班办公室（第1号）"
    card = await county.bot_says(chat=county.seeded.office_chat, has="【待答问题】第1号")
    assert "水费怎么交" in card["text"]
    office = {"chat": county.seeded.office_chat, "who": county.seeded.office}
    await county.say("请联系县自来水公司营业厅。", reply_to=card["message_id"], **office)
    answer = await county.bot_says(has="专班办公室答复")
    assert "请联系县自来水公司营业厅。" in answer["text"]
    assert answer["reply_to_message"]["text"] == "/ask 水费怎么交"
    await county.bot_says(chat=county.seeded.office_chat, has="已答复")
    await county.say("更正：请联系县水务公司。", reply_to=card["message_id"], **office)
    assert "请联系县水务公司" in (await county.bot_says(has="专班办公室补充答复"))["text"]


async def test_receipt_of_the_office_is_not_sent_as_its_answer(county: County) -> None:
    refused = await county.ask("/ask 水费怎么交")
    await county.tap(refused, "转专班办公室")
    card = await county.bot_says(chat=county.seeded.office_chat, has="【待答问题】")
    said = await county.ask(
        "收到，我问一下",
        chat=county.seeded.office_chat,
        who=county.seeded.office,
        reply_to=card["message_id"],
    )
    assert "未转给提问人" in said["text"]
    assert not [m for m in await county.messages() if "专班办公室答复" in m["text"]]


async def test_a_button_hands_over_the_question_it_stands_under(county: County) -> None:
    water = await county.ask("/ask 水费怎么交")
    await county.ask("/ask 黑加油点归谁管")
    await county.tap(water, "转专班办公室")
    assert "水费怎么交" in (await county.bot_says(chat=county.seeded.office_chat, has="【待答问题】"))["text"]


async def test_after_a_tap_a_follow_up_refers_to_the_task_chosen(county: County) -> None:
    offer = await county.ask("/ask 债务的事找谁？")
    chosen = next(label for label in buttons(offer) if label.startswith("2.2"))
    await county.tap(offer, chosen)
    await county.bot_says(has="任务2.2。")
    answer = await county.ask("@zhuanban_bot 那牵头的是哪家")
    assert "任务2.2" in answer["text"]
    assert not buttons(answer)


async def test_a_foreign_tap_changes_nothing(county: County) -> None:
    offer = await county.ask("/ask 债务的事找谁？")
    for label in (buttons(offer)[0], "都不是"):
        assert (await county.tap(offer, label, who=county.seeded.office))["answer"] == "请由提问人点按"
    (unchanged,) = await county.messages()
    assert unchanged["text"] == offer["text"]


async def test_an_offer_is_answered_by_number_too(county: County) -> None:
    offer = await county.ask("/ask 债务的事找谁？")
    second = buttons(offer)[1].split()[0]
    assert f"任务{second}" in (await county.ask("第二个", reply_to=offer["message_id"]))["text"]


async def test_thanks_in_a_group_are_not_answered_and_a_greeting_gets_help(county: County) -> None:
    answer = await county.ask("/ask 黑加油点归谁管")
    await county.say("收到，谢谢！", reply_to=answer["message_id"])
    greeted = await county.ask("你好", reply_to=answer["message_id"])
    assert "专班助手可以" in greeted["text"]
    assert len(await county.messages()) == 2


async def test_an_anonymous_admin_gets_an_answer_but_no_button(county: County) -> None:
    answer = await county.ask("/ask 债务的事找谁？", who=county.seeded.office, sender_chat=county.group)
    assert not buttons(answer)


async def test_a_super_admin_binds_the_office_and_questions_go_there(county: County) -> None:
    chat = await county.post(
        "/sim/chats",
        type="supergroup",
        title="新办公室群",
        members=[county.seeded.admin, county.seeded.office],
    )
    await county.post(f"/sim/chats/{chat['id']}/members", user_id=1000000)
    bound = await county.say("/bind", chat=chat["id"], who=county.seeded.admin)
    await county.bot_says(chat=chat["id"], after=bound["message_id"], has="已设为专班办公室群")
    refused = await county.ask("/ask 水费怎么交")
    await county.tap(refused, "转专班办公室")
    await county.bot_says(chat=chat["id"], has="【待答问题】第1号")


async def test_a_second_tap_opens_no_second_item(county: County) -> None:
    refused = await county.ask("/ask 水费怎么交")
    first, second = await asyncio.gather(
        county.tap(refused, "转专班办公室"), county.tap(refused, "转专班办公室")
    )
    assert sorted([first["answer"], second["answer"]]) == [
        "已转专班办公室（第1号）",
        "已转过专班办公室（第1号）",
    ]


async def test_garbage_and_stale_taps_change_nothing(county: County) -> None:
    answer = await county.ask("/ask 黑加油点归谁管")
    for data in (
        "",
        "x",
        "pick:abc:1.1",
        "pick:1:9.9",
        "hand:99999999999999999999999:",
        "up:²:1.1",
        "::::",
        "🔥" * 16,
    ):
        tapped = await county.post(
            "/sim/taps",
            chat_id=county.group,
            message_id=answer["message_id"],
            from_id=county.liaison,
            data=data,
        )
        assert tapped.get("answered") or "error" in tapped
    unchanged = await county.messages()
    assert [message["text"] for message in unchanged] == [answer["text"]]


async def test_an_edited_question_is_not_answered_twice(county: County) -> None:
    asked = await county.say("/ask 黑加油点归谁管")
    await county.bot_says(after=asked["message_id"])
    await county.post(
        "/sim/edits",
        chat_id=county.group,
        message_id=asked["message_id"],
        from_id=county.liaison,
        text="/ask 三保谁管",
    )
    after = await county.ask("/task 2.4")
    texts = [message["text"] for message in await county.messages()]
    assert len(texts) == 2
    assert texts[-1] == after["text"]


async def test_a_question_deleted_meanwhile_is_still_answered(county: County) -> None:
    asked = await county.say("/ask 黑加油点归谁管")
    await county.post(
        "/sim/deletions", chat_id=county.group, message_id=asked["message_id"], from_id=county.liaison
    )
    assert "任务1.1" in (await county.bot_says(after=asked["message_id"]))["text"]


async def test_tasks_by_list_and_number(county: County) -> None:
    listed = await county.ask("/tasks")
    assert "3.10 深入推进食品药品安全工作" in listed["text"]
    assert "任务3.10" in (await county.ask("/task 3.10"))["text"]
    assert "没有任务“9.9”" in (await county.ask("/task 9.9"))["text"]


async def test_markup_in_a_question_is_shown_as_typed(county: County) -> None:
    answer = await county.ask("/ask <b>水费</b>&怎么交")
    assert "<b>水费</b>&" in answer["text"]


async def test_inline_mode_serves_people_the_bot_knows(county: County) -> None:
    found = await county.post("/sim/inline", bot="zhuanban_bot", from_id=county.liaison, query="黑加油点")
    assert found["results"] == []
    await county.ask("你好", chat=county.liaison)
    found = await county.post("/sim/inline", bot="zhuanban_bot", from_id=county.liaison, query="黑加油点 ")
    assert found["results"][0]["title"].startswith("黑加油点：任务1.1")
    assert "责任单位" in found["results"][0]["input_message_content"]["message_text"]


async def test_only_a_super_admin_makes_a_group_the_offices(county: County) -> None:
    refused = await county.ask("/bind", who=county.liaison)
    assert "只有管理员" in refused["text"]
    # The super admin speaking as the group is nobody the desk can know.
    anonymous = await county.ask(
        "/bind",
        chat=county.seeded.office_chat,
        who=county.seeded.admin,
        sender_chat=county.seeded.office_chat,
    )
    assert "只有管理员" in anonymous["text"]


async def test_commands_are_listed_in_chinese(county: County) -> None:
    shown: list[dict[str, str]] = []
    async with asyncio.timeout(10):
        while not shown:
            shown = await county.get(f"/sim/chats/{county.group}/commands?user_id={county.liaison}")
    assert {row["command"] for row in shown} >= {"ask", "tasks", "task", "help"}
    assert all(any("\u4e00" <= c <= "\u9fff" for c in row["description"]) for row in shown)
