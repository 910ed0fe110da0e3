"""``zhuanban train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.commands.refusing import refusing
from bot.settings import load_settings


@refusing
def train(
    calibrate_only: Annotated[
        bool,
        typer.Option(
            "--calibrate", help="only fit the thresholds, for the embedding of ZHUANBAN_EMBEDDING_MODEL"
        ),
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="folder for the model files (default: the package's own)")
    ] = None,
) -> None:
    """Train the classifier and the static embedding on the phrasebook, and fit the thresholds."""
    from dataclasses import replace

    from bot.answering import sources_of
    from knowledge.errors import ModelError
    from knowledge.training import run

    settings = load_settings()
    sources = sources_of(settings)
    if out:
        sources = replace(sources, models=out)
    try:
        if calibrate_only:
            run.calibrate(sources, settings.embedding_model, typer.echo)
        else:
            run.train(sources, typer.echo)
    except ImportError as error:
        raise ModelError(
            f"training needs the extra [models] ({error.name} is missing): make models"
        ) from error
