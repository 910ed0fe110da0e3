"""How things are said: Chinese texts and LLM prompts as Jinja2 files, one small loader."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, UndefinedError

_FOLDER = Path(__file__).parent


class PromptError(Exception):
    """A text is missing, or a value it needs was not given; the message names both."""


def say(name: str, /, **values: object) -> str:
    """Render the text ``prompts/<name>.j2``; trailing white space and blank runs at its ends are removed.

    Raises PromptError naming the text and the missing variable.
    """
    try:
        return _texts().get_template(f"{name}.j2").render(values).strip()
    except TemplateNotFound as error:
        raise PromptError(f"no text {name!r} in prompts/") from error
    except UndefinedError as error:
        raise PromptError(f"text {name!r}: {error.message}") from error


@cache
def _texts() -> Environment:
    # Output is plain text; each messenger escapes for its own markup.
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def is_courtesy(kind: str, said: str) -> bool:
    """Whether a message says nothing but a courtesy of one kind (``acknowledgements`` or ``greetings``)."""
    bare = "".join(c for c in said.lower() if c.isalnum())
    return bare in _labels()["courtesy"][kind] or (kind == "acknowledgements" and not bare)


def label(name: str) -> str:
    """A short text of ``labels.toml`` by ``section.key``. Raises PromptError for one that is not there."""
    section, _, key = name.partition(".")
    try:
        return str(_labels()[section][key])
    except KeyError as error:
        raise PromptError(f"no label {name!r} in prompts/labels.toml") from error


@cache
def _labels() -> dict[str, dict[str, Any]]:
    return tomllib.loads((_FOLDER / "labels.toml").read_text(encoding="utf-8"))
