"""Where one is and what others see: personas, unread counts, reload, two pages, phone width."""

from __future__ import annotations

import re

import pytest

async_api = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
expect = async_api.expect
pytestmark = pytest.mark.network


def chat(page, title):
    return page.locator("#chats a").filter(has_text=title)


async def become(page, name):
    await page.get_by_role("button", name=re.compile("当前身份")).click()
    await page.get_by_role("searchbox", name="搜索人员").fill(name)
    await page.locator(".person").first.click()


async def test_persona_decides_which_chats_are_shown_and_who_writes(county, viewer):
    page = await viewer.open(county.address(county.office))
    await expect(chat(page, "联络群")).to_have_count(2)
    await become(page, "县公安局")
    await expect(chat(page, "县商务局联络群")).to_have_count(0)
    await chat(page, "县公安局联络群").click()
    await page.get_by_role("textbox", name="消息").fill("收到")
    await page.keyboard.press("Enter")
    await expect(page.locator("#messages .row.out")).to_contain_text("收到")
    await become(page, "专班办公室")
    await expect(page.locator("#messages .row.in .name").last).to_have_text("县公安局联络员")


async def test_unread_counts_belong_to_the_person_and_vanish_on_reading(county, viewer):
    page = await viewer.open(county.address(county.office, county.trade_group))
    for number in range(3):
        await county.say(county.police_group, county.police, f"第{number}条")
    await county.say(county.police_group, county.office, "我自己的")
    count = chat(page, "县公安局联络群").locator(".count")
    await expect(count).to_have_text("3")
    await expect(page).to_have_title(re.compile(r"^\(3\)"))
    await page.reload()
    await expect(count).to_have_text("3")
    await chat(page, "县公安局联络群").click()
    await expect(page.locator(".fresh")).to_have_text("以下为未读消息")
    await expect(count).to_have_count(0)
    await page.get_by_role("button", name=re.compile("当前身份")).click()
    police = page.locator(f'.person[data-user="{county.police}"]')
    await expect(police.locator(".count")).to_have_text("1")


async def test_reload_keeps_the_place_and_a_wrong_place_is_put_right(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    await county.say(county.trade_group, county.office, "请反馈")
    await page.reload()
    await expect(page.locator("#talk-head h1")).to_have_text("县商务局联络群")
    await expect(page.locator("#messages")).to_contain_text("请反馈")
    await page.goto(county.address(county.police, county.trade_group))
    await expect(page.locator("#nobody")).to_be_visible()
    await expect(page).to_have_url(re.compile(f"#u={county.police}$"))


async def test_two_pages_see_each_others_messages(county, viewer):
    office = await viewer.open(county.address(county.office, county.trade_group))
    trade = await viewer.open(county.address(county.trade, county.trade_group))
    await office.get_by_role("textbox", name="消息").fill("请于17时前反馈")
    await office.keyboard.press("Enter")
    await expect(trade.locator("#messages .row.in")).to_contain_text("请于17时前反馈")
    await trade.get_by_role("textbox", name="消息").fill("收到")
    await trade.keyboard.press("Enter")
    await expect(office.locator("#messages .row.in")).to_contain_text("收到")
    answer = office.locator("#messages .row.in").last
    await expect(answer.locator(".name")).to_have_text("县商务局联络员")


async def test_reading_further_up_is_not_disturbed_by_news(county, viewer):
    for number in range(60):
        await county.say(county.trade_group, county.trade, f"旧消息{number}")
    page = await viewer.open(county.address(county.office, county.trade_group))
    await expect(page.get_by_text("旧消息59").last).to_be_in_viewport()
    await page.locator("#scroll").evaluate("node => { node.scrollTop = 0; }")
    await expect(page.locator("#messages").get_by_text("旧消息0", exact=True)).to_be_in_viewport()
    await county.say(county.trade_group, county.trade, "刚来的")
    chip = page.get_by_role("button", name="1 条新消息")
    await expect(chip).to_be_visible()
    await expect(page.locator("#messages").get_by_text("旧消息0", exact=True)).to_be_in_viewport()
    await chip.click()
    await expect(page.locator("#messages").get_by_text("刚来的")).to_be_in_viewport()
    await expect(chip).to_be_hidden()


async def test_phone_shows_one_pane_at_a_time_with_a_way_back(county, viewer):
    page = await viewer.open(county.address(county.trade), width=390, height=844, has_touch=True)
    await expect(page.locator("#talk")).to_be_hidden()
    await chat(page, "县商务局联络群").click()
    await expect(page.locator("#side")).to_be_hidden()
    await expect(page.get_by_role("textbox", name="消息")).to_be_in_viewport()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.get_by_role("button", name="返回群聊列表").click()
    await expect(page.locator("#chats")).to_be_visible()
    await expect(page.locator("#talk")).to_be_hidden()
    await page.go_back()
    await expect(page.locator("#talk-head h1")).to_have_text("县商务局联络群")


async def test_moved_clock_is_shown_on_every_page_and_dates_messages(county, viewer):
    one = await viewer.open(county.address(county.office, county.trade_group))
    other = await viewer.open(county.address(county.trade, county.trade_group))
    await one.get_by_label("把时钟拨到").fill("2031-03-04T08:30")
    await one.get_by_role("button", name="拨到", exact=True).click()
    for page in (one, other):
        await expect(page.locator(".clock-day")).to_have_text(re.compile("2031年3月4日.*周二"))
        await expect(page.locator(".clock-time")).to_have_text(re.compile("^08:30:"))
    await other.get_by_role("button", name="+1小时").click()
    await expect(one.locator(".clock-time")).to_have_text(re.compile("^09:30:"))
    await county.say(county.trade_group, county.trade, "按时报到")
    await expect(one.locator("#messages .row time").last).to_have_text(re.compile("^09:30$"))
    await expect(one.locator("#messages .day").last).to_have_text(re.compile("今天"))
    await one.get_by_role("button", name="到明早8:30", exact=True).click()
    await expect(other.locator(".clock-day")).to_have_text(re.compile("2031年3月5日.*周三"))
    await expect(other.locator(".clock-time")).to_have_text(re.compile("^08:30:"))


async def test_deleted_and_pinned_messages_and_topics(county, viewer):
    forum = await county.group("县级大群", [county.office, county.trade], forum=True)
    body = {"user_id": county.bot_id, "status": "administrator"}
    await county.sim(f"chats/{forum}/members", body)
    page = await viewer.open(county.address(county.trade, forum))
    topic = await county.bot.call("createForumTopic", chat_id=forum, name="预警叫应")
    sent = await county.bot.call("sendMessage", chat_id=forum, text="综合里的通知")
    await county.bot.call("pinChatMessage", chat_id=forum, message_id=sent["message_id"])
    await expect(page.locator("#pinned")).to_contain_text("综合里的通知")
    await county.bot.call(
        "sendMessage", chat_id=forum, text="话题里的通知", message_thread_id=topic["message_thread_id"]
    )
    tab = page.get_by_role("tab", name=re.compile("预警叫应"))
    await expect(tab).to_contain_text("2")
    await expect(page.locator("#messages")).not_to_contain_text("话题里的通知")
    await tab.click()
    await expect(page.locator("#messages")).to_contain_text("话题里的通知")
    await page.get_by_role("textbox", name="消息").fill("在话题里答")
    await page.keyboard.press("Enter")
    await expect(page.locator("#messages .row.out")).to_contain_text("在话题里答")
    await page.get_by_role("tab", name="综合").click()
    await expect(page.locator("#messages")).not_to_contain_text("在话题里答")
    await county.bot.call("deleteMessage", chat_id=forum, message_id=sent["message_id"])
    await expect(page.locator("#messages .row").filter(has_text="综合里的通知")).to_have_count(0)
    await expect(page.locator("#pinned")).to_be_hidden()


async def test_poll_counts_the_persons_vote(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    await county.bot.call(
        "sendPoll", chat_id=county.trade_group, question="会议时间", options=["上午", "下午"]
    )
    option = page.locator(".poll-option").filter(has_text="下午")
    await option.click()
    await expect(option).to_contain_text("1票 100%")
    await page.reload()
    await expect(option).to_have_attribute("aria-pressed", "true")


async def test_first_visit_strip_leads_to_a_question_and_stays_away_once_closed(county, viewer):
    page = await viewer.open(county.address(county.office))
    strip = page.locator("#strip")
    await expect(strip).to_contain_text("演示环境：全部人员、单位联系人和事件均为虚构")
    await strip.get_by_role("button", name=re.compile("黑加油点归谁管")).click()
    await expect(page.get_by_role("textbox", name="消息")).to_have_value("/ask 黑加油点归谁管")
    await expect(page).to_have_url(re.compile(f"#u={county.trade}&c={county.trade_group}$"))
    await strip.get_by_role("button", name="关闭说明").click()
    await expect(strip).to_be_hidden()
    await page.reload()
    await expect(page.locator("#talk-head h1")).to_be_visible()
    await expect(strip).to_be_hidden()
