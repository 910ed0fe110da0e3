"""Everything the index knows, as short labelled texts: clauses of the plan and phrases of the phrasebook."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from knowledge.phrasebook import UNIT_SLOT, Phrasebook, Topic
from knowledge.plan import Plan, Span, Task
from knowledge.retrieval.labels import labels_of, task_label
from knowledge.retrieval.text import clean, fold
from knowledge.units import UnitDirectory

Kind = Literal["clause", "title", "ask", "words"]
MASK = "〇"
FILLINGS = 3
WORD_WEIGHT = 0.4
# A unit's name is moved to a plane of its own: it is known, but never mistaken for the matter asked about.
_PLANE = 0x100000
_SENTENCE = re.compile(r"[^。；！？]+[。；！？]?")
_COMMON = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One text of the index. ``topic`` indexes ``Corpus.topics`` (None for the plan's own words)."""

    text: str
    labels: tuple[str, ...]
    kind: Kind
    weight: float
    topic: int | None = None
    span: Span | None = None


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """The entries of one plan and its phrasebook."""

    plan: Plan
    topics: tuple[Topic, ...]
    entries: tuple[Entry, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """Every label, tasks in plan order first."""
        seen = dict.fromkeys(task_label(task.title) for task in self.plan.tasks)
        return tuple(seen | dict.fromkeys(label for entry in self.entries for label in entry.labels))


def build_corpus(
    plan: Plan, directory: UnitDirectory, phrasebook: Phrasebook | None = None, *, single_words: bool = False
) -> Corpus:
    """Collect the entries; without a phrasebook, the plan's own clauses alone.

    A topic's bare words make one entry together; training takes them one by one (``single_words``).
    """
    topics = phrasebook.topics if phrasebook else ()
    names = _spoken_names(directory)
    entries = [entry for task in plan.tasks for entry in _clauses(task, plan)]
    for index, topic in enumerate(topics):
        labels = labels_of(topic, plan)
        if not labels:
            continue
        words = topic.words if single_words or not topic.words else ("\n".join(topic.words),)
        for kind, texts, weight in (("ask", topic.ask, 1.0), ("words", words, WORD_WEIGHT)):
            entries += [
                Entry(text=filled, labels=labels, kind=kind, weight=weight / share, topic=index)  # type: ignore[arg-type]
                for text in texts
                for filled, share in _filled(text, names)
            ]
    return Corpus(plan=plan, topics=topics, entries=tuple(entries))


def sentences(text: str, start: int) -> Iterator[Span]:
    """The sentences of ``text``, as spans of a text in which it begins at ``start``."""
    for match in _SENTENCE.finditer(text):
        yield Span(start=start + match.start(), end=start + match.end())


def features(text: str, directory: UnitDirectory) -> str:
    """The folded form a question or phrase is indexed by, unit names masked and set apart."""
    cleaned = clean(text)
    mentions = directory.find(cleaned)
    if not mentions:
        return fold(cleaned)
    moved = [_COMMON.sub(lambda c: chr(ord(c.group()) + _PLANE), mention.said) for mention in mentions]
    return fold("\n".join([directory.mask_mentions(cleaned, mentions, MASK), *moved]))


def _spoken_names(directory: UnitDirectory) -> Iterator[str]:
    """Names people use, one unit after the other, for ever; the same sequence at every start."""
    by_unit = [(*unit.aliases[:3], unit.name) for unit in directory.units if unit.kind != "council"]
    return itertools.cycle([names[i % len(names)] for i in range(4) for names in by_unit])


def _filled(text: str, names: Iterator[str]) -> Iterator[tuple[str, int]]:
    """A phrase with its unit slot filled by several names in turn, so that no single name weighs; and how many."""
    times = FILLINGS if UNIT_SLOT in text else 1
    for _ in range(times):
        yield text.replace(UNIT_SLOT, next(names)) if UNIT_SLOT in text else text, times


def _clauses(task: Task, plan: Plan) -> Iterator[Entry]:
    labels = (task_label(task.title),)
    yield Entry(text=task.title, labels=labels, kind="title", weight=1.0)
    for span in sentences(task.body.of(plan.text), task.body.start):
        yield Entry(text=span.of(plan.text), labels=labels, kind="clause", weight=1.0, span=span)
