"""Taps while a slow model holds the answering pool: six answers at a time that wait two seconds each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from itertools import islice

import numpy as np
from pydantic import SecretStr

from bot.bootstrap import RunningDesk
from bot.settings import Settings
from knowledge.answer.chooser import Candidate
from knowledge.engine import load_engine
from knowledge.evaluation.sets import load_set
from prompts import say
from tests.bench.local_api import LocalApi, Row, local_api, verdict
from tests.conftest import EVAL

AT_ONCE, SLOW_S = 6, 2.0
WAVES, TAPS_A_WAVE, EVERY_S = 7, 80, 0.04
KINDS = ("vote", "pick")


class SlowModel:
    """Stands in for an LLM: thinks for ``pause_s`` and chooses nothing."""

    def __init__(self) -> None:
        self.pause_s = 0.0
        self.last_fault = ""

    def choose(self, question: str, candidates: Sequence[Candidate], *, sure: bool) -> None:  # noqa: ARG002
        """Wait, as for a model that does not come to a conclusion."""
        time.sleep(self.pause_s)


def run() -> None:
    """Print, for a thumb and for a task that is picked, the wait for the answer to a tap: idle and beside six slow answers."""
    asyncio.run(_run())


async def _run() -> None:
    model = SlowModel()
    engine = load_engine(chooser=model, confirmed_hints=())
    asked = [q.q for path in sorted(EVAL.glob("*.jsonl")) for q in load_set(path)]
    unsure = [q for q in asked if engine.answerer.answer(q).decision == "ask"]
    async with local_api() as api:
        await api.without_limits()
        groups = [chat for chat in await api.sim("chats") if chat["type"] == "supergroup"]
        bot = next(each["id"] for each in await api.sim("bots"))
        # Nobody asks twice: what was asked last would be answered again, too.
        people = iter(await api.people(AT_ONCE * WAVES * len(KINDS), bot))
        settings = Settings(token=SecretStr(api.token), api_root=api.url, data_dir=api.data)
        async with RunningDesk(settings, engine=engine):
            messages = [await _ask(api, chat, unsure[0]) for chat in groups]
            for kind in KINDS:
                idle: list[list[float]] = []
                busy: list[list[float]] = []
                for _ in range(WAVES):
                    idle.append(await _tap_all(api, messages, kind))
                    model.pause_s = SLOW_S
                    mark = await api.mark()
                    for who in islice(people, AT_ONCE):
                        await api.say(who, who, unsure[1])
                    busy.append(await _tap_all(api, messages, kind))
                    await api.until_calls(mark, "sendMessage", AT_ONCE)
                    model.pause_s = 0.0
                _report(kind, idle, busy)


async def _ask(api: LocalApi, chat: Row, question: str) -> Row:
    """An answered question with a person who may tap there, and the buttons it had and has."""
    mark = await api.mark()
    person = chat["members"][1]["user_id"]
    await api.say(chat["id"], person, f"/ask {question}")
    await api.until_calls(mark, "sendMessage", 1, every_s=0.02)
    asked = (await api.sim(f"chats/{chat['id']}/messages"))[-1]
    place = {"chat_id": chat["id"], "message_id": asked["message_id"], "from_id": person}
    pick = _first_button(asked)
    await api.sim("taps", {**place, "data": pick})
    await api.until_calls(mark, "editMessageText", 1, every_s=0.02)
    return {**place, "pick": pick, "vote": _first_button((await api.sim(f"chats/{chat['id']}/messages"))[-1])}


def _first_button(message: Row) -> str:
    return str(message["reply_markup"]["inline_keyboard"][0][0]["callback_data"])


async def _tap_all(api: LocalApi, messages: list[Row], kind: str) -> list[float]:
    """Tap at a steady pace, whether or not earlier taps were answered; the waits in milliseconds."""
    taps = []
    for number in range(TAPS_A_WAVE):
        taps.append(asyncio.create_task(_tap(api, messages[number % len(messages)], kind)))
        await asyncio.sleep(EVERY_S)
    return await asyncio.gather(*taps)


async def _tap(api: LocalApi, message: Row, kind: str) -> float:
    place = {name: message[name] for name in ("chat_id", "message_id", "from_id")}
    started = time.perf_counter()
    tap = await api.sim("taps", {**place, "data": message[kind], "wait_s": 30})
    if not tap["answered"] or tap["answer"] in (say("desk/stale"), say("desk/not_yours")):
        raise RuntimeError(f"the tap did nothing: {tap}")
    return (time.perf_counter() - started) * 1e3


def _report(kind: str, idle: list[list[float]], busy: list[list[float]]) -> None:
    """Medians over the waves, so that one moment in which the machine was busy does not decide."""
    (idle50, idle99), (busy50, busy99) = (
        np.median([np.percentile(wave, [50, 99]) for wave in waves], axis=0) for waves in (idle, busy)
    )
    ratio = busy99 / idle99
    print(
        f"{kind}: idle p50 {idle50:.1f} ms, p99 {idle99:.1f} ms; beside {AT_ONCE} slow answers p50 {busy50:.1f} ms, "
        f"p99 {busy99:.1f} ms; ratio of p99 {ratio:.2f} (aim 2: {verdict(ratio <= 2)}); "
        f"medians of {WAVES} waves of {TAPS_A_WAVE} taps"
    )
