"""Talking in a chat: asking, tapping, replying, files, hostile text."""

from __future__ import annotations

import re

import pytest

async_api = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
expect = async_api.expect
pytestmark = pytest.mark.network


async def write(page, text):
    await page.get_by_role("textbox", name="消息").fill(text)
    await page.keyboard.press("Enter")


def bubble(page, text):
    return page.locator("#messages .row").filter(has_text=text).last


async def test_question_is_answered_with_quote_and_formatting(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    await write(page, "/ask 黑加油点归谁管")
    answer = page.locator("#messages .row.in").last
    await expect(answer.locator("strong").filter(has_text="黑加油点归谁管").last).to_be_visible()
    await expect(answer.locator("code")).to_have_text("任务1.1")
    await expect(answer.locator(".quote")).to_contain_text("县商务局联络员/ask 黑加油点归谁管")
    await expect(answer.locator(".badge")).to_have_text("机器人")
    await expect(page.locator("#messages .row.out")).to_have_count(1)


async def test_shift_enter_makes_a_line_and_enter_sends(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    box = page.get_by_role("textbox", name="消息")
    await box.click()
    await page.keyboard.type("第一行")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("第二行")
    await page.keyboard.press("Enter")
    await expect(page.locator("#messages .row.out .text")).to_have_text("第一行\n第二行")
    await expect(box).to_have_value("")


async def test_tap_edits_the_card_and_shows_a_toast(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    await write(page, "/card")
    await expect(bubble(page, "待签收").locator(".guard")).to_be_visible()
    await page.get_by_role("button", name="签收", exact=True).click()
    await expect(page.locator("#toasts")).to_contain_text("已签收")
    card = bubble(page, "状态：已签收（县商务局联络员）")
    await expect(card).to_be_visible()
    await expect(card.locator(".edited")).to_have_text("已编辑")


async def test_alert_answer_opens_a_dialog_that_escape_closes(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    await write(page, "/card")
    await page.get_by_role("button", name="看说明").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("签收后一小时内续报")
    await page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)


async def test_pending_tap_spins_until_the_bot_answers(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    await write(page, "/card")
    button = page.get_by_role("button", name="退单")
    await button.click()
    await expect(button).to_have_attribute("aria-busy", "true")
    county.bot.go_on.set()
    await expect(button).not_to_have_attribute("aria-busy", "true")


async def test_reply_reaches_the_bot(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    await write(page, "/ask 烟花")
    answer = page.locator("#messages .row.in").last
    await answer.hover()
    await answer.get_by_role("button", name="回复这条消息").click()
    await expect(page.locator("#above")).to_contain_text("回复 专班助手")
    await write(page, "再问一句")
    await expect(page.locator("#messages .row.out").last.locator(".quote")).to_contain_text("专班助手")
    await expect(bubble(page, "收到：再问一句")).to_be_visible()


async def test_own_message_can_be_corrected_and_taken_back(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    await write(page, "写错了")
    mine = page.locator("#messages .row.out")
    await mine.hover()
    await mine.get_by_role("button", name="更多操作").click()
    await page.get_by_role("menuitem", name="修改").click()
    await write(page, "写对了")
    await expect(mine.locator(".text")).to_have_text("写对了")
    await expect(mine.locator(".edited")).to_be_visible()
    await mine.hover()
    await mine.get_by_role("button", name="更多操作").click()
    await page.get_by_role("menuitem", name="删除").click()
    await expect(mine).to_have_count(0)


async def test_upload_arrives_whole_and_photos_open_large(county, viewer, picture, tmp_path):
    page = await viewer.open(county.address(county.trade, county.bot_id))
    await page.get_by_role("button", name="开始", exact=True).click()
    await expect(bubble(page, "收到：/start")).to_be_visible()
    report = tmp_path / "报告.docx"
    report.write_bytes(b"x" * 1234)
    await page.locator("#pick-file").set_input_files(report)
    await expect(page.locator(".pending")).to_contain_text("报告.docx")
    await page.get_by_role("button", name="发送", exact=True).click()
    await expect(bubble(page, "文件 报告.docx 共1234字节")).to_be_visible()
    await page.locator("#pick-photo").set_input_files(picture)
    await write(page, "起火现场")
    sent = bubble(page, "起火现场")
    await expect(sent.locator("img")).to_have_js_property("naturalWidth", 240)
    await sent.get_by_role("button", name="放大图片").click()
    await expect(page.get_by_role("dialog", name="图片").locator("img")).to_be_visible()
    await page.keyboard.press("Escape")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="下载 报告.docx").click()
    assert (await download.value).suggested_filename == "报告.docx"


async def test_bots_photo_and_location_card_are_shown(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    await write(page, "/photo")
    await expect(bubble(page, "现场照片").locator("img")).to_have_js_property("naturalWidth", 320)
    await page.get_by_role("button", name="添加附件").click()
    await page.get_by_role("menuitem", name="位置").click()
    await page.get_by_label("纬度").fill("31.5")
    await page.get_by_role("button", name="发送位置", exact=True).click()
    await expect(page.locator(".place")).to_contain_text("31.50000°N")


async def test_hostile_text_stays_text(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    hostile = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    await county.sim("users", {"first_name": hostile[:60]})
    await write(page, hostile)
    await expect(page.locator("#messages .row.out .text")).to_have_text(hostile)
    await expect(page.locator("#chats .chat-last").first).to_contain_text("<img src=x")
    await page.get_by_role("button", name=re.compile("当前身份")).click()
    await expect(page.locator(".person").last).to_contain_text("<img src=x")
    assert await page.locator("#messages img, .people img, #chats img").count() == 0
    assert "owned" not in await page.title()


async def test_link_that_runs_code_is_no_link(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    entities = [
        {"type": "text_link", "offset": 0, "length": 2, "url": "javascript:alert(1)"},
        {"type": "text_link", "offset": 3, "length": 2, "url": "https://example.org/x"},
    ]
    message = {"message_id": 1, "text": "坏的 好的", "entities": entities}
    shown = await page.evaluate(
        """async ({text, entities}) => {
            const { rendered } = await import("/page/entities.js");
            const box = document.createElement("div");
            box.append(...rendered(text, entities));
            return [...box.querySelectorAll("a")].map((a) => a.href);
        }""",
        message,
    )
    assert shown == ["https://example.org/x"]


async def test_slash_offers_the_bots_commands(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    box = page.get_by_role("textbox", name="消息")
    await box.click()
    await page.keyboard.type("/")
    options = page.get_by_role("option")
    await expect(options).to_have_count(2)
    await page.keyboard.type("as")
    await expect(options).to_have_text(re.compile("/ask.*问任务归谁管"))
    await page.keyboard.press("Tab")
    await expect(box).to_have_value("/ask ")


async def test_inline_mode_offers_results_and_posts_the_chosen_one(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    await page.get_by_role("textbox", name="消息").click()
    await page.keyboard.type("@zhuanban_demo_bot 烟花")
    option = page.get_by_role("option", name=re.compile("任务1.1 烟花"))
    await option.click()
    sent = bubble(page, "烟花：任务1.1")
    await expect(sent).to_contain_text("通过 @zhuanban_demo_bot")
    await expect(page.get_by_role("textbox", name="消息")).to_have_value("")


async def test_bot_is_seen_typing_until_it_answers(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    await write(page, "/slow")
    await expect(page.locator("#typing")).to_contain_text("专班助手正在输入")
    county.bot.go_on.set()
    await expect(bubble(page, "想好了")).to_be_visible()
    await expect(page.locator("#typing")).to_be_hidden()


async def test_reply_keyboard_writes_its_label(county, viewer):
    page = await viewer.open(county.address(county.trade, county.bot_id))
    await page.get_by_role("button", name="开始", exact=True).click()
    await write(page, "/keys")
    await page.get_by_role("button", name="零报告").click()
    await expect(bubble(page, "收到：零报告")).to_be_visible()


async def test_keyboard_alone_taps_and_keeps_its_place_when_the_card_changes(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    await write(page, "/card")
    button = page.get_by_role("button", name="签收", exact=True)
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(bubble(page, "状态：已签收")).to_be_visible()
    await expect(button).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="看说明")).to_be_focused()


async def test_enter_that_ends_an_input_methods_word_does_not_send(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    box = page.get_by_role("textbox", name="消息")
    await box.fill("jiayou")
    await box.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
    await expect(box).to_have_value("jiayou")
    await page.keyboard.press("Enter")
    await expect(page.locator("#messages .row.out")).to_have_count(1)


async def test_album_is_one_row_and_reactions_are_counted(county, viewer, picture, tmp_path):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    second = tmp_path / "二.png"
    second.write_bytes(picture.read_bytes())
    await page.locator("#pick-photo").set_input_files([picture, second])
    await write(page, "两张现场照片")
    row = page.locator("#messages .row.out")
    await expect(row.locator(".album img")).to_have_count(2)
    await expect(row).to_have_count(1)
    await row.hover()
    await row.get_by_role("button", name="更多操作").click()
    await page.get_by_role("menuitem", name="表态 👍").click()
    await expect(row.locator(".reaction")).to_have_text("👍 1")
