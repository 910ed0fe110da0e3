"""The commands people see when they type a slash."""

from __future__ import annotations

from prompts import label

EVERYWHERE = ("ask", "tasks", "task", "help")


def command_list() -> tuple[tuple[str, str], ...]:
    """Pairs of name and description, in the order shown."""
    return tuple((name, label(f"command.{name}")) for name in EVERYWHERE)
