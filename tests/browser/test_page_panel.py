"""The side panel, and living on when the server goes away."""

from __future__ import annotations

import re

import pytest

from bot.sandbox import Limits, Sandbox, World

async_api = pytest.importorskip("playwright.async_api", reason="playwright is not installed")
expect = async_api.expect
pytestmark = pytest.mark.network


async def test_calls_are_listed_live_with_refusals_marked(county, viewer):
    page = await viewer.open(county.address(county.trade, county.trade_group))
    calls = page.locator(".call")
    await page.get_by_role("tab", name="故障").click()
    await page.get_by_label("次数").fill("1")
    await page.get_by_role("button", name="安排故障").click()
    await expect(page.locator(".orders")).to_contain_text("还有 1 次")
    url = f"{county.sandbox.url}/bot{county.bot_token}/sendMessage"
    async with county.session.post(url, json={"chat_id": county.trade_group, "text": "x"}) as response:
        assert response.status == 429
    await expect(page.locator(".orders")).to_contain_text("没有待触发的故障")
    await page.get_by_role("tab", name="调用").click()
    await expect(calls.first).to_have_class(re.compile("bad"))
    await expect(calls.first).to_contain_text("429 · 等3秒")
    await expect(calls.first).to_contain_text("县商务局联络群")
    await expect(page.locator(".calls")).not_to_contain_text("getUpdates")
    await page.get_by_label("不看 getUpdates").uncheck()
    await expect(page.locator(".calls")).to_contain_text("getUpdates")
    await page.get_by_role("searchbox", name="筛选调用").fill("setmycommands")
    await expect(calls).to_have_count(1)


async def test_limits_are_switched_for_everybody(county, viewer):
    page = await viewer.open(county.address(county.office))
    other = await viewer.open(county.address(county.trade))
    for one in (page, other):
        await one.get_by_role("tab", name="限流").click()
        await expect(one.locator("#limits-state")).to_have_text("限流已关闭")
    await page.get_by_role("button", name="按 Telegram 限流").click()
    await expect(other.locator("#limits-state")).to_have_text("限流已开启")
    assert await county.sim("limits") == {"overall_per_s": 30, "chat_per_s": 1, "group_per_min": 20}


async def test_members_come_and_go(county, viewer):
    page = await viewer.open(county.address(county.office, county.trade_group))
    await page.get_by_role("tab", name="成员").click()
    await page.get_by_label("要加入的人").select_option(label="县公安局联络员")
    await page.get_by_role("button", name="加入群聊").click()
    await expect(page.locator(".member")).to_have_count(4)
    await expect(page.locator("#subtitle")).to_have_text("4 名成员")
    await page.get_by_role("button", name="移出 县公安局联络员").click()
    await expect(page.locator(".member")).to_have_count(3)
    await expect(page.locator("#messages .service").last).to_contain_text("县公安局联络员退出了群聊")


async def test_panel_closes_and_stays_closed(county, viewer):
    page = await viewer.open(county.address(county.office, county.trade_group))
    await expect(page.locator("#panel")).to_be_visible()
    await page.get_by_role("button", name="关闭面板").click()
    await expect(page.locator("#panel")).to_be_hidden()
    await page.reload()
    await expect(page.locator("#talk-head h1")).to_be_visible()
    await expect(page.locator("#panel")).to_be_hidden()
    await page.get_by_role("button", name="后台面板").click()
    await expect(page.get_by_role("tab", name="调用")).to_be_focused()


async def test_page_finds_a_restarted_server_again(browser):
    first = Sandbox(World(limits=Limits.off()))
    first.world.add_user("甲", "first")
    await first.start()
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    await page.goto(first.url)
    await expect(page.locator(".persona-name")).to_have_text("甲")
    await first.stop()
    await expect(page.locator(".offline")).to_be_visible()
    second = Sandbox(World(limits=Limits.off()), port=first.port)
    second.world.add_user("乙", "second")
    async with second:
        await expect(page.locator(".persona-name")).to_have_text("乙", timeout=15_000)
        await expect(page.locator(".offline")).to_be_hidden()
        await context.close()


async def test_only_own_files_may_run_on_the_page(county, viewer):
    page = await viewer.open(county.address(county.office))
    answer = await page.request.get(county.sandbox.url)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
