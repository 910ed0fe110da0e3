"""Chats, members, topics, commands and what a bot tells about itself."""

from __future__ import annotations

import pytest


async def test_chat_and_members_are_shown(stage, refusal):
    group = await stage.group(description="all about it")
    shown = await stage.api("getChat", chat_id=group)
    assert (shown["type"], shown["title"], shown["description"]) == ("supergroup", "Office", "all about it")
    assert await stage.api("getChatMemberCount", chat_id=group) == 3
    ann = await stage.api("getChatMember", chat_id=group, user_id=stage.ann)
    ben = await stage.api("getChatMember", chat_id=group, user_id=stage.ben)
    assert (ann["status"], ben["status"]) == ("creator", "member")
    assert [m["user"]["id"] for m in await stage.api("getChatAdministrators", chat_id=group)] == [stage.ann]
    stranger = (await stage.sim("users", {"first_name": "Cleo"}))["id"]
    assert (await stage.api("getChatMember", chat_id=group, user_id=stranger))["status"] == "left"
    with pytest.raises(refusal, match="PARTICIPANT_ID_INVALID"):
        await stage.api("getChatMember", chat_id=group, user_id=5)
    with pytest.raises(refusal, match="chat not found"):
        await stage.api("getChat", chat_id=stranger)


async def test_public_groups_have_a_name(stage):
    group = await stage.group(username="office")
    assert (await stage.api("sendMessage", chat_id="@office", text="x"))["chat"]["id"] == group


async def test_ids_count_as_on_telegram(stage):
    assert stage.ann == 1001
    group, supergroup = await stage.group("group"), await stage.group()
    assert -1_000_000 < group < 0 and str(supergroup).startswith("-100")
    first = await stage.say(supergroup, "/a")
    second = await stage.api("sendMessage", chat_id=supergroup, text="b")
    assert second["message_id"] == first["message_id"] + 1


async def test_banning_needs_the_right_and_tells_the_group(stage, refusal):
    group = await stage.group()
    place = {"chat_id": group, "user_id": stage.ben}
    with pytest.raises(refusal, match="not enough rights to restrict/unrestrict chat member"):
        await stage.api("banChatMember", **place)
    await stage.promote(group)
    with pytest.raises(refusal, match="can't remove chat owner"):
        await stage.api("banChatMember", chat_id=group, user_id=stage.ann)
    await stage.api("banChatMember", **place)
    assert (await stage.api("getChatMember", **place))["status"] == "kicked"
    assert (await stage.sim(f"chats/{group}/messages"))[-1]["left_chat_member"]["id"] == stage.ben
    with pytest.raises(refusal, match="is not in chat"):
        await stage.say(group, "hi", stage.ben)
    await stage.api("unbanChatMember", **place)
    assert (await stage.api("getChatMember", **place))["status"] == "left"


async def test_restricting_silences_and_promoting_gives_rights(stage, refusal):
    group = await stage.group()
    await stage.promote(group)
    place = {"chat_id": group, "user_id": stage.ben}
    await stage.api("restrictChatMember", **place, permissions={"can_send_messages": False})
    member = await stage.api("getChatMember", **place)
    assert (member["status"], member["can_send_messages"], member["is_member"]) == ("restricted", False, True)
    with pytest.raises(refusal, match="may not write"):
        await stage.say(group, "hi", stage.ben)
    await stage.api("promoteChatMember", **place, can_delete_messages=True)
    member = await stage.api("getChatMember", **place)
    assert (member["status"], member["can_delete_messages"], member["can_be_edited"]) == (
        "administrator",
        True,
        True,
    )
    basic = await stage.group("group")
    with pytest.raises(refusal, match="only for supergroups"):
        await stage.api("restrictChatMember", chat_id=basic, user_id=stage.ben, permissions={})


async def test_leaving_ends_access(stage, refusal):
    group = await stage.group()
    assert await stage.api("leaveChat", chat_id=group) is True
    with pytest.raises(refusal, match="Forbidden: bot is not a member of the supergroup chat"):
        await stage.api("getChat", chat_id=group)


async def test_title_description_and_links_need_rights(stage, refusal):
    group = await stage.group()
    for method in ("setChatTitle", "createChatInviteLink"):
        with pytest.raises(refusal, match="not enough rights"):
            await stage.api(method, chat_id=group, title="x")
    await stage.promote(group)
    await stage.api("setChatTitle", chat_id=group, title="New")
    assert (await stage.sim(f"chats/{group}/messages"))[-1]["new_chat_title"] == "New"
    with pytest.raises(refusal, match="chat title is not modified"):
        await stage.api("setChatTitle", chat_id=group, title="New")
    await stage.api("setChatDescription", chat_id=group, description="about")
    link = await stage.api("exportChatInviteLink", chat_id=group)
    shown = await stage.api("getChat", chat_id=group)
    assert (shown["title"], shown["description"], shown["invite_link"]) == ("New", "about", link)
    assert (await stage.api("createChatInviteLink", chat_id=group, name="n"))["name"] == "n"


async def test_topics(stage, refusal):
    plain = await stage.group()
    with pytest.raises(refusal, match="the chat is not a forum"):
        await stage.api("createForumTopic", chat_id=plain, name="t")
    group = await stage.group(forum=True)
    with pytest.raises(refusal, match="not enough rights to create a topic"):
        await stage.api("createForumTopic", chat_id=group, name="t")
    await stage.promote(group)
    topic = await stage.api("createForumTopic", chat_id=group, name="Floods")
    place = {"chat_id": group, "message_thread_id": topic["message_thread_id"]}
    sent = await stage.api("sendMessage", **place, text="x")
    assert sent["is_topic_message"] is True and sent["message_thread_id"] == topic["message_thread_id"]
    await stage.say(group, "in it", thread_id=topic["message_thread_id"])
    heard = (await stage.updates())[-1]["message"]
    assert heard["is_topic_message"] and heard["message_thread_id"] == topic["message_thread_id"]
    for wrong in (1, 999):
        with pytest.raises(refusal, match="Bad Request: message thread not found"):
            await stage.api("sendMessage", chat_id=group, message_thread_id=wrong, text="x")
    await stage.api("editForumTopic", **place, name="Droughts")
    await stage.api("closeForumTopic", **place)
    await stage.promote(group, can_manage_chat=True)
    with pytest.raises(refusal, match="TOPIC_CLOSED"):
        await stage.api("sendMessage", **place, text="x")
    await stage.api("reopenForumTopic", **place)
    await stage.api("deleteForumTopic", **place)
    with pytest.raises(refusal, match="message thread not found"):
        await stage.api("sendMessage", **place, text="x")


async def test_replies_in_plain_supergroups_carry_a_thread_but_no_topic(stage):
    group = await stage.group()
    sent = await stage.api("sendMessage", chat_id=group, text="x")
    await stage.say(group, "y", reply_to=sent["message_id"])
    heard = (await stage.updates())[-1]["message"]
    assert heard["message_thread_id"] == sent["message_id"] and "is_topic_message" not in heard


async def test_commands_are_kept_by_scope_and_language_and_the_narrowest_is_shown(stage):
    group = await stage.group()

    async def put(command, scope=None, language=""):
        commands = [{"command": command, "description": "d"}]
        scope = {"scope": scope} if scope else {}
        await stage.api("setMyCommands", commands=commands, language_code=language, **scope)

    async def shown(user_id, language=""):
        rows = await stage.sim(f"chats/{group}/commands?user_id={user_id}&language={language}")
        return [row["command"] for row in rows]

    await put("every")
    assert await shown(stage.ben) == ["every"]
    await put("groups", {"type": "all_group_chats"})
    await put("zh", {"type": "all_group_chats"}, "zh")
    await put("admins", {"type": "all_chat_administrators"})
    assert (await shown(stage.ben), await shown(stage.ben, "zh")) == (["groups"], ["zh"])
    await put("here", {"type": "chat", "chat_id": group})
    assert (await shown(stage.ben), await shown(stage.ann)) == (["here"], ["here"])
    await put("bens", {"type": "chat_member", "chat_id": group, "user_id": stage.ben})
    assert await shown(stage.ben) == ["bens"]
    assert (await stage.api("getMyCommands"))[0]["command"] == "every"
    await stage.api("deleteMyCommands")
    assert await stage.api("getMyCommands") == []


@pytest.mark.parametrize(
    ("commands", "why"),
    [
        ([{"command": f"c{n}", "description": "d"} for n in range(101)], "BOT_COMMANDS_TOO_MUCH"),
        ([{"command": "Upper", "description": "d"}], "BOT_COMMAND_INVALID"),
        ([{"command": "ok", "description": ""}], "BOT_COMMAND_DESCRIPTION_INVALID"),
    ],
)
async def test_bad_commands_are_refused(stage, refusal, commands, why):
    with pytest.raises(refusal, match=why):
        await stage.api("setMyCommands", commands=commands)


async def test_names_menu_and_photos(stage):
    assert await stage.api("getMyName") == {"name": "Desk"}
    await stage.api("setMyName", name="Bureau", language_code="de")
    assert await stage.api("getMyName", language_code="de") == {"name": "Bureau"}
    await stage.api("setMyDescription", description="what it does")
    assert await stage.api("getMyDescription") == {"description": "what it does"}
    await stage.api("setMyShortDescription", short_description="short")
    assert await stage.api("getMyShortDescription") == {"short_description": "short"}
    chat = await stage.private()
    assert await stage.api("getChatMenuButton", chat_id=chat) == {"type": "commands"}
    await stage.api("setChatMenuButton", chat_id=chat, menu_button={"type": "default"})
    assert await stage.api("getChatMenuButton", chat_id=chat) == {"type": "default"}
    assert await stage.api("getUserProfilePhotos", user_id=stage.ann) == {"total_count": 0, "photos": []}
    assert await stage.api("logOut") is True and await stage.api("close") is True
