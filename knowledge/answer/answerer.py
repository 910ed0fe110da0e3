"""The one function that answers: chat, inline mode, command line and evaluation all call it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from knowledge.answer.cautions import Cautions
from knowledge.answer.chooser import Candidate, Chooser
from knowledge.answer.decision import Verdict, decide
from knowledge.answer.leaning import after, naming_a_unit, without
from knowledge.answer.mechanism import answer_goal, answer_mechanism
from knowledge.answer.model import Answer, Suggestion, TaskHit
from knowledge.answer.numbers import find_number
from knowledge.answer.quoting import quote_for, topic_of
from knowledge.answer.reverse import answer_units_of, asks_for_tasks, asks_whether_in
from knowledge.answer.subject import choice_in, is_bare, matter_of
from knowledge.answer.wording import Wording
from knowledge.duties import Duties
from knowledge.plan import Plan, Task
from knowledge.retrieval.retriever import PlanRetriever, Ranking
from knowledge.retrieval.text import clean
from knowledge.units import Mention, Unit, UnitDirectory
from prompts import say

MAX_CHARS = 300
SHOWN_TASKS = 5
SUBJECT_MATCH = 0.25
_OUR_UNIT = re.compile(r"(?:我们|我|本|咱们|咱)(?:这个)?(?:局|单位|部门|办|大队|中心|科|院|部|委)")
_HAN = re.compile(r"[\u3400-\u9fff]")


class Answerer:
    """Answers questions about one plan. Pure: the same question gives the same answer."""

    def __init__(
        self,
        *,
        plan: Plan,
        directory: UnitDirectory,
        retriever: PlanRetriever,
        duties: Duties | None = None,
        cautions: Cautions | None = None,
        chooser: Chooser | None = None,
        confirmed_hints: Collection[str] | None = None,
    ) -> None:
        self.plan = plan
        self.directory = directory
        self.retriever = retriever
        self._duties = duties or Duties()
        self._cautions = cautions or Cautions()
        self._chooser = chooser
        self._confirmed = confirmed_hints
        self._wording = Wording(plan, directory)

    def answer(self, question: str, *, previous: str | None = None, as_unit: str | None = None) -> Answer:
        """Answer a question; ``previous`` is the asker's last one, ``as_unit`` the unit 「我们局」 stands for.

        ``Answer.decision`` is ``refuse`` for anything the plan does not cover and for input that is no question.
        """
        asked = clean(question)
        before = self.answer(previous, as_unit=as_unit) if previous else None
        if before and before.decision == "ask" and before.intent == "task":
            choice = choice_in(asked)
            if choice and choice <= len(before.tasks):
                return replace(self.answer_task(before.tasks[choice - 1].id, asked), question=question)
        fault = self._fault(asked)
        if not fault and before is None and self._names_nothing(asked):
            fault = say("answer/input", fault="no_previous")
        if fault:
            return self._done(Answer(question=question, decision="refuse", intent="other", text=fault))
        if as_unit:
            asked = _OUR_UNIT.sub(as_unit, asked)
        answer = self._reply(asked, before, as_unit)
        answer = answer.saying(self._cautions.around(asked, answer.text))
        return self._done(replace(answer, question=question, context=answer.context or asked))

    def answer_task(self, task_id: str, question: str = "") -> Answer:
        """The answer about one task chosen by a person (a button, a command). Raises KeyError for no such task."""
        answer = self._task_answer(question, self.plan.by_id[task_id], 1.0, None, ())
        # A follow-up to it must find the task again, whatever words were asked before.
        return self._done(replace(answer, context=task_id))

    def _reply(self, asked: str, before: Answer | None, as_unit: str | None) -> Answer:
        number = find_number(asked, self.plan)
        if number:
            return self._by_number(asked, number)
        mentions = self.directory.find(asked)
        ranking = self.retriever.rank(asked)
        if (
            before
            and before.intent == "task"
            and before.decision == "answer"
            and asks_whether_in(asked, mentions)
        ):
            return replace(self._about_previous(asked, before, mentions), context=before.context)
        if asks_for_tasks(asked, mentions, self.plan):
            found = self._units_of(asked, ranking, mentions, before, as_unit)
            if found:
                return found
        if any(mention.unit for mention in mentions):
            ranking = naming_a_unit(ranking)
        if before:
            ranking = after(before, ranking)
        verdict = decide(ranking, self.retriever.calibration.thresholds)
        if verdict.kind == "followup":
            found = self._follow_up(asked, ranking, before, mentions)
            if found:
                return replace(found, context=before.context if before else "")
            verdict = decide(without("followup", ranking), self.retriever.calibration.thresholds)
        if verdict.kind == "units_of":
            found = self._units_of(asked, ranking, mentions, before, as_unit)
            if found:
                return found
            verdict = decide(without("units_of", ranking), self.retriever.calibration.thresholds)
        if verdict.kind == "mechanism":
            found = answer_mechanism(asked, ranking.best("mechanism"), self.plan, self.directory, mentions)
        elif verdict.kind == "goal":
            found = answer_goal(asked, self.plan, ranking.hits, self.retriever.corpus.topics)
        else:
            found = None
        return found or self._by_topic(asked, ranking, verdict, mentions)

    def _by_topic(
        self, asked: str, ranking: Ranking, verdict: Verdict, mentions: tuple[Mention, ...]
    ) -> Answer:
        ranked = tuple(
            TaskHit(id=task_id, title=self.plan.by_id[task_id].title, score=belief)
            for task_id, belief in ranking.tasks[:SHOWN_TASKS]
        )
        if verdict.kind != "answer" and self._chooser:
            candidates = [Candidate(id=hit.id, title=hit.title) for hit in ranked]
            chosen = self._chooser.choose(asked, candidates, sure=verdict.kind == "ask")
            if chosen and chosen in self.plan.by_id:
                verdict = Verdict(kind="answer", tasks=(chosen,), certainty=verdict.certainty)
        if verdict.kind == "answer":
            task = self.plan.by_id[verdict.tasks[0]]
            answer = self._task_answer(asked, task, verdict.certainty, ranking, mentions)
            first = next((hit for hit in ranked if hit.id == task.id), answer.tasks[0])
            return replace(answer, tasks=(first, *(hit for hit in ranked if hit.id != task.id)))
        if verdict.kind == "ask":
            offered = tuple(hit for hit in ranked if hit.id in verdict.tasks)
            text = say("answer/ask", subject="", tasks=offered)
            return Answer(question=asked, decision="ask", intent="task", tasks=offered, text=text)
        return self._uncovered(asked, ranking, ranked, mentions)

    def _task_answer(
        self, asked: str, task: Task, certainty: float, ranking: Ranking | None, mentions: tuple[Mention, ...]
    ) -> Answer:
        hits = ranking.hits if ranking else ()
        topic = topic_of(task, hits, self.retriever.corpus.topics)
        quote = quote_for(task, self.plan, asked, topic)
        answer = Answer(
            question=asked, decision="answer", intent="task",
            tasks=(TaskHit(id=task.id, title=task.title, score=certainty),),
            lead=task.lead, units=task.units, groups=task.groups,
            suggested=self._suggestion(task, asked), quotes=(quote,),
            subject=self._subject(task, hits) if ranking else task.title,
        )  # fmt: skip
        asked_units = dict.fromkeys(mention.unit.name for mention in mentions if mention.unit)
        confirmed = answer.suggested is not None and answer.suggested.confirmed
        show = confirmed or self._confirmed is None
        return answer.saying(
            self._wording.task(answer, task, quote, asked_units=tuple(asked_units), hint_ok=show)
        )

    def _subject(self, task: Task, hits: tuple[tuple[object, float], ...]) -> str:
        topic = topic_of(task, hits, self.retriever.corpus.topics)  # type: ignore[arg-type]
        near = topic is not None and hits[0][1] >= SUBJECT_MATCH
        # Only words of the plan may head an answer: a phrasebook's own label would read as if it were one.
        return topic.about if topic and near and topic.about in self.plan.text else task.title

    def _suggestion(self, task: Task, asked: str) -> Suggestion | None:
        hint = self._duties.suggest(task.id, asked)
        if hint is None or len(task.named) < 2:
            return None
        confirmed = self._confirmed is not None and hint.key in self._confirmed
        return Suggestion(unit=hint.unit, because=hint.because, key=hint.key, confirmed=confirmed)

    def _uncovered(
        self, asked: str, ranking: Ranking, ranked: tuple[TaskHit, ...], mentions: tuple[Mention, ...]
    ) -> Answer:
        office = self.plan.mechanism.office if self.plan.mechanism else ""
        strangers = [mention.said for mention in mentions if mention.unit is None]
        subject = matter_of(asked)
        if strangers and ranking.families["units_of"] > 0.1:
            text = say("answer/unit_unnamed", unit=strangers[0], office=office)
        else:
            text = say("answer/uncovered", subject=subject, office=office)
        return Answer(
            question=asked, decision="refuse", intent="other", tasks=ranked, text=text,
            subject=subject, may_hand_over=True,
        )  # fmt: skip

    def _by_number(self, asked: str, number: str) -> Answer:
        task = self.plan.by_id.get(number)
        if task:
            return self._task_answer(asked, task, 1.0, None, ())
        ids = [task.id for task in self.plan.tasks]
        text = say("answer/input", fault="no_task", number=number, count=len(ids), first=ids[0], last=ids[-1])
        return Answer(question=asked, decision="refuse", intent="other", text=text)

    def _units_of(
        self,
        asked: str,
        ranking: Ranking,
        mentions: tuple[Mention, ...],
        before: Answer | None,
        as_unit: str | None,
    ) -> Answer | None:
        unit = next((mention.unit for mention in reversed(mentions) if mention.unit), None)
        if unit is None and mentions:
            office = self.plan.mechanism.office if self.plan.mechanism else ""
            text = say("answer/unit_unnamed", unit=mentions[0].said, office=office)
            return Answer(question=asked, decision="refuse", intent="other", text=text)
        if unit is None and as_unit:
            unit = self.directory.get(as_unit)
        if unit is None and before and before.intent == "units_of":
            unit = self.directory.get(before.subject)
        if unit is None:
            if not _OUR_UNIT.search(asked):
                return None
            return Answer(
                question=asked,
                decision="refuse",
                intent="other",
                text=say("answer/input", fault="whose_unit"),
            )
        return self._reverse(asked, unit, lead_only=ranking.best("units_of") == "lead_only")

    def _reverse(self, asked: str, unit: Unit, *, lead_only: bool) -> Answer:
        outside = self._wording.is_outside(unit.name)
        return answer_units_of(asked, unit, self.plan, self.directory, outside=outside, lead_only=lead_only)

    def _follow_up(
        self, asked: str, ranking: Ranking, before: Answer | None, mentions: tuple[Mention, ...]
    ) -> Answer | None:
        slot = ranking.best("followup")
        if slot == "thanks":
            return Answer(
                question=asked, decision="refuse", intent="other", text=say("answer/input", fault="thanks")
            )
        if before is None or before.decision == "refuse":
            if decide(without("followup", ranking), self.retriever.calibration.thresholds).kind == "answer":
                return None
            return Answer(
                question=asked,
                decision="refuse",
                intent="other",
                text=say("answer/input", fault="no_previous"),
            )
        known = [mention for mention in mentions if mention.unit]
        if before.intent == "units_of":
            unit = known[-1].unit if known else self.directory.get(before.subject)
            return self._reverse(asked, unit, lead_only=slot == "lead") if unit else None
        if before.intent == "mechanism":
            return answer_mechanism(
                asked,
                "membership" if mentions else "",
                self.plan,
                self.directory,
                mentions,
            )
        if before.intent != "task":
            return None
        if before.decision == "ask":
            return replace(before, question=asked)
        return self._about_previous(asked, before, mentions, slot)

    def _about_previous(
        self, asked: str, before: Answer, mentions: tuple[Mention, ...], slot: str = "confirm"
    ) -> Answer:
        task = self.plan.by_id[before.tasks[0].id]
        if slot == "deadline" and task.deadline is None:
            answer = self._task_answer(asked, task, before.tasks[0].score, None, mentions)
            return answer.saying(
                say("answer/input", fault="no_deadline", number=task.id) + "\n" + answer.text
            )
        return self._task_answer(asked, task, before.tasks[0].score, None, mentions)

    def _names_nothing(self, asked: str) -> bool:
        return is_bare(asked) and not self.directory.find(asked) and find_number(asked, self.plan) is None

    def _fault(self, asked: str) -> str:
        if len(asked) > MAX_CHARS:
            return say("answer/input", fault="long", max_chars=MAX_CHARS)
        if not any(c.isalnum() for c in asked):
            return say("answer/input", fault="empty")
        if not _HAN.search(asked) and find_number(asked, self.plan) is None:
            return say("answer/input", fault="foreign")
        return ""

    def _done(self, answer: Answer) -> Answer:
        return replace(answer, legs=self.retriever.legs)
