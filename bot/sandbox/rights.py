"""What members may do, and how the Bot API shows it (ChatMember, ChatPermissions)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from bot.sandbox.accounts import User

Status = Literal["creator", "administrator", "member", "restricted", "left", "kicked"]
STATUSES: tuple[Status, ...] = ("creator", "administrator", "member", "restricted", "left", "kicked")

ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_send_welcome_messages",
    "can_post_messages",
    "can_edit_messages",
    "can_pin_messages",
    "can_manage_topics",
)
_NOT_IN_CHANNELS = frozenset({"can_pin_messages", "can_manage_topics"})
_CHANNELS_ONLY = frozenset({"can_post_messages", "can_edit_messages"})

PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_edit_tag",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)
DEFAULT_PERMISSIONS: dict[str, bool] = dict.fromkeys(PERMISSIONS, True)


@dataclass(frozen=True, kw_only=True)
class Member:
    """A person's or bot's standing in a chat.

    `rights` are an administrator's, `permissions` a restricted member's (absent = refused);
    `until_date` is Unix seconds, 0 = for ever.
    """

    status: Status
    rights: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    until_date: int = 0
    inside: bool = True
    anonymous: bool = False
    custom_title: str | None = None
    by_bot: int | None = field(default=None, compare=False)

    @property
    def present(self) -> bool:
        """Whether the holder is in the chat."""
        if self.status == "restricted":
            return self.inside
        return self.status in ("creator", "administrator", "member")

    @property
    def admin(self) -> bool:
        """Whether the holder is the creator or an administrator."""
        return self.status in ("creator", "administrator")

    def has_right(self, right: str) -> bool:
        """Tell whether the holder has an administrator's right."""
        return self.status == "creator" or (self.status == "administrator" and right in self.rights)

    def may(self, permission: str) -> bool:
        """Tell whether the holder may do what ordinary members may."""
        if self.status == "restricted":
            return self.inside and permission in self.permissions
        return self.present


NOBODY = Member(status="left")
ALL_RIGHTS = frozenset(ADMIN_RIGHTS)


def member_json(user: User, member: Member, chat_type: str, viewer_id: int | None = None) -> dict[str, Any]:
    """Render a ChatMember of the Bot API; `viewer_id` is the bot asking (for can_be_edited)."""
    shown: dict[str, Any] = {"user": user.json, "status": member.status}
    if member.status == "creator":
        shown["is_anonymous"] = member.anonymous
    elif member.status == "administrator":
        shown["can_be_edited"] = member.by_bot is not None and member.by_bot == viewer_id
        shown["is_anonymous"] = member.anonymous
        absent = _NOT_IN_CHANNELS if chat_type == "channel" else _CHANNELS_ONLY
        shown.update((name, name in member.rights) for name in ADMIN_RIGHTS if name not in absent)
    elif member.status == "restricted":
        shown["is_member"] = member.inside
        shown["until_date"] = member.until_date
        shown.update((name, name in member.permissions) for name in PERMISSIONS)
    elif member.status == "kicked":
        shown["until_date"] = member.until_date
    if member.custom_title and member.admin:
        shown["custom_title"] = member.custom_title
    return shown
