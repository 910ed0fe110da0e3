"""/tasks and /task: the plan by number; inline mode: answers anywhere."""

from __future__ import annotations

from sqlalchemy import select

from bot.delivery.reply import Reply
from bot.desk.parts import Parts, reply_to
from bot.messages import Incoming, InlineResult, Instant
from knowledge.answer.model import Answer
from knowledge.answer.numbers import find_number
from prompts import say
from storage.tables import person

DESCRIPTION_CHARS = 80
INLINE_TASKS = 3


class Browsing:
    """Looks into the register without a question."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def tasks(self, incoming: Incoming) -> Reply:
        """Every task, by section."""
        plan = self._parts.answerer.plan
        sections: dict[str, list[object]] = {}
        for task in plan.tasks:
            sections.setdefault(task.section, []).append(task)
        return Reply(outgoing=(reply_to(incoming, say("desk/tasks", plan=plan, sections=sections)),))

    async def task(self, incoming: Incoming) -> Reply:
        """One task by its number."""
        plan = self._parts.answerer.plan
        number = find_number(incoming.args.strip(), plan) or ""
        if number not in plan.by_id:
            ids = [task.id for task in plan.tasks]
            text = say("desk/which_task", said=incoming.args.strip()[:20], first=ids[0], last=ids[-1])
            return Reply(outgoing=(reply_to(incoming, text),))
        answer = self._parts.answerer.answer_task(number)
        return Reply(outgoing=(reply_to(incoming, answer.text),))

    async def inline(self, incoming: Incoming) -> Reply:
        """Answers to offer while somebody types; only people the bot has met get any."""
        sender, query = incoming.sender, incoming.text.strip()
        if sender is None or incoming.inline_id is None:
            return Reply()
        known = await self._parts.store.aread(
            lambda c: c.execute(select(person.c.user_id).where(person.c.user_id == sender.id)).first()
        )
        results: tuple[InlineResult, ...] = ()
        if known and query:
            answer = await self._parts.think(lambda: self._parts.answerer.answer(query))
            results = self._results(answer)
        return Reply(instants=(Instant(inline_id=incoming.inline_id, results=results),))

    def _results(self, answer: Answer) -> tuple[InlineResult, ...]:
        if answer.decision == "ask":
            answerer = self._parts.answerer
            offered = [answerer.answer_task(hit.id) for hit in answer.tasks[:INLINE_TASKS]]
            return tuple(self._result(choice, choice.tasks[0].id) for choice in offered)
        return (self._result(answer, answer.tasks[0].id if answer.tasks else answer.intent),)

    @staticmethod
    def _result(answer: Answer, key: str) -> InlineResult:
        title, _, rest = answer.text.partition("\n")
        return InlineResult(
            id=key, title=title[:DESCRIPTION_CHARS], description=rest[:DESCRIPTION_CHARS], text=answer.text
        )
