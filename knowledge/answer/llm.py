"""An LLM behind langchain that may choose among candidate tasks; off by default."""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from knowledge.answer.chooser import Candidate
from knowledge.errors import ModelError
from prompts import say

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

log = logging.getLogger(__name__)
MAX_REPLY = 2_000
AT_ONCE = 8
_OBJECT = re.compile(r"\{[^{}]*\}")


class LlmChooser:
    """Asks a chat model for one candidate id; whatever else it says changes nothing.

    The reply must be a JSON object {"task": id or null}; an id that was not offered, a late, missing or
    malformed reply is the same as no LLM. ``last_fault`` says why, for ``doctor``.
    """

    def __init__(self, model: BaseChatModel, *, timeout_s: float) -> None:
        self._model = model
        self._timeout_s = timeout_s
        self._slots = threading.Semaphore(AT_ONCE)
        self.last_fault = ""

    @classmethod
    def connect(cls, name: str, *, base_url: str, api_key: str, timeout_s: float) -> LlmChooser:
        """Make a chat model by langchain's ``init_chat_model``. Raises ModelError with one line."""
        try:
            from langchain.chat_models import init_chat_model
        except ImportError as error:
            raise ModelError("ZHUANBAN_LLM needs the extra [llm]: pip install 'zhuanban[llm]'") from error
        options: dict[str, object] = {
            "timeout": timeout_s,
            "max_retries": 0,
            "temperature": 0,
            "max_tokens": 200,
        }
        if base_url:
            options["base_url"] = base_url
        if api_key or base_url:
            options["api_key"] = api_key or "none"
        try:
            model = init_chat_model(name, **options)
        except Exception as error:  # each provider's client refuses in its own way
            reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
            raise ModelError(f"ZHUANBAN_LLM {name!r}: {reason}") from error
        return cls(model, timeout_s=timeout_s)

    def choose(self, question: str, candidates: Sequence[Candidate], *, sure: bool) -> str | None:
        """One of the candidates' ids, or None; returns within the deadline."""
        if not sure or not candidates:
            # What the plan does not cover stays uncovered: a guess of the model would be a made-up duty.
            return None
        prompt = say("llm/choose", question=json.dumps(question, ensure_ascii=False), candidates=candidates)
        if not self._slots.acquire(blocking=False):
            self._fail("too many questions at once")
            return None
        answers: SimpleQueue[str | Exception] = SimpleQueue()
        # A daemon thread: a server that trickles its answer must not keep the process alive.
        threading.Thread(target=self._ask_into, args=(prompt, answers), daemon=True, name="llm").start()
        try:
            reply = answers.get(timeout=self._timeout_s)
        except Empty:
            self._fail("no answer within the deadline")
            return None
        if isinstance(reply, Exception):
            self._fail(type(reply).__name__)
            return None
        return self._checked(reply, candidates)

    def _ask_into(self, prompt: str, answers: SimpleQueue[str | Exception]) -> None:
        try:
            answers.put(self._ask(prompt))
        except Exception as error:  # any client of any provider may fail in its own way
            answers.put(error)
        finally:
            self._slots.release()

    def _ask(self, prompt: str) -> str:
        return str(self._model.invoke([("system", say("llm/rules")), ("human", prompt)]).text)[:MAX_REPLY]

    def _checked(self, reply: str, candidates: Sequence[Candidate]) -> str | None:
        match = _OBJECT.search(reply)
        try:
            found = json.loads(match.group(0))["task"] if match else ""
        except (ValueError, KeyError):
            found = ""
        self.last_fault = ""
        if found is None or (isinstance(found, str) and found in {candidate.id for candidate in candidates}):
            return found
        self._fail("the reply names no candidate")
        return None

    def _fail(self, why: str) -> None:
        self.last_fault = why
        log.warning("LLM not used: %s", why)
