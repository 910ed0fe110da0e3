"""How a command refuses: one line on stderr and exit code 1, never a traceback for what a user can cause."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer

from bot.errors import BotError
from knowledge.errors import KnowledgeError
from storage.errors import StorageError

P = ParamSpec("P")
R = TypeVar("R")


def refusing(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the project's own errors, a closed pipe and Ctrl-C into exit codes."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (KnowledgeError, BotError, StorageError) as error:
            typer.echo(f"zhuanban: {' '.join(str(error).split())}", err=True)
            raise typer.Exit(1) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise typer.Exit(1) from None
        except OSError as error:
            where = f" ({error.filename})" if error.filename else ""
            typer.echo(f"zhuanban: {error.strerror or error}{where}", err=True)
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            raise typer.Exit(130) from None

    return run
