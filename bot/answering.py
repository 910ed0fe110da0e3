"""Wires the answer engine from settings; kept apart from the rest so that ``ask`` starts fast."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bot.settings import Settings
from knowledge.answer.chooser import Chooser
from knowledge.engine import Engine, Sources, load_engine


def sources_of(settings: Settings) -> Sources:
    """The shipped data files, with calibrations of one's own in the data directory."""
    return replace(Sources(), calibrations=settings.data_dir / "calibration")


def build_engine(settings: Settings, *, confirmed_hints: Collection[str] | None = None) -> Engine:
    """Load every leg the settings ask for. Raises KnowledgeError."""
    return load_engine(
        sources_of(settings),
        embedding=settings.embedding_model,
        chooser=build_chooser(settings),
        confirmed_hints=confirmed_hints,
    )


def build_chooser(settings: Settings) -> Chooser | None:
    """The optional LLM, or None when no model is set. Raises ModelError."""
    if not settings.llm:
        return None
    from knowledge.answer.llm import LlmChooser

    key = settings.llm_api_key.get_secret_value() if settings.llm_api_key else ""
    return LlmChooser.connect(
        settings.llm, base_url=settings.llm_base_url, api_key=key, timeout_s=settings.llm_timeout_s
    )
