"""``zhuanban run`` beside ``zhuanban sandbox``, each in a process of its own: start and memory."""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from knowledge.evaluation.sets import load_set
from tests.bench.local_api import LocalApi, local_api, verdict
from tests.conftest import EVAL, ROOT

STARTS, QUESTIONS, EVERY_S = 5, 200, 0.05


def run() -> None:
    """Print the seconds from start to first poll, and the bot's memory before and after questions."""
    asyncio.run(_run())


async def _run() -> None:
    starts: list[float] = []
    async with local_api() as api:
        await api.without_limits()
        for left in reversed(range(STARTS)):
            with tempfile.TemporaryDirectory() as folder:
                mark, started = await api.mark(), time.time()
                async with _bot(api, Path(folder)) as process:
                    # A poll without updates is logged only when it ends, so one is made to end at once.
                    await api.sim("faults", {"method": "getUpdates", "status": 500})
                    polls = await api.until_calls(mark, "getUpdates", 1, status=500, every_s=0.05)
                    starts.append(polls[0]["at"] - started)
                    if not left:
                        await _question(api, mark, process.pid)
    median = statistics.median(starts)
    print(
        f"start to first poll, {STARTS} times: median {median:.2f} s "
        f"({min(starts):.2f}-{max(starts):.2f}; aim 5: {verdict(median <= 5)})"
    )


async def _question(api: LocalApi, mark: int, pid: int) -> None:
    """Ask in all groups in turn once each was greeted, and print what the bot holds of memory."""
    before = _memory(pid)
    groups = [chat for chat in await api.sim("chats") if chat["type"] == "supergroup"]
    await api.until_calls(mark, "sendMessage", len(groups))
    questions = [question.q for path in sorted(EVAL.glob("*.jsonl")) for question in load_set(path)]
    mark = await api.mark()
    for number, text in enumerate(questions[:QUESTIONS]):
        chat = groups[number % len(groups)]
        person = chat["members"][0]["user_id"]
        await api.say(chat["id"], person, f"/ask {text}")
        await asyncio.sleep(EVERY_S)
    await api.until_calls(mark, "sendMessage", QUESTIONS)
    after = _memory(pid)
    print(
        f"memory of the running bot: {before['VmRSS']:.0f} MB at the first poll, {after['VmRSS']:.0f} MB after "
        f"{QUESTIONS} questions, peak {after['VmHWM']:.0f} MB"
    )


def _memory(pid: int) -> dict[str, float]:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return {name: int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")}


@contextlib.asynccontextmanager
async def _bot(api: LocalApi, data: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """The bot as ``make run`` starts it, on an empty data directory."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ZHUANBAN_")}
    environment |= {"ZHUANBAN_TOKEN": api.token, "ZHUANBAN_API_ROOT": api.url, "ZHUANBAN_DATA_DIR": str(data)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "run"),
        cwd=ROOT,
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
