"""``zhuanban run``, ``demo`` and ``sandbox``: the commands that stay."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from bot.commands.refusing import refusing
from bot.errors import BotError
from bot.settings import load_settings

Limit = Annotated[str, typer.Option(help="Telegram's sending limits: telegram or off")]
Host = Annotated[str, typer.Option(help="address to listen on")]
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@refusing
def run() -> None:
    """Run the bot on Telegram: needs ZHUANBAN_TOKEN, and ZHUANBAN_ADMINS to set it up."""
    settings = load_settings()
    settings.bot_token  # noqa: B018 - refused before anything is loaded
    from bot.bootstrap import RunningDesk

    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    logging.getLogger("alembic").setLevel(logging.WARNING)

    async def serve() -> None:
        async with RunningDesk(settings) as desk:
            typer.echo("zhuanban: the desk is open; Ctrl-C closes it")
            await _until_stopped(desk.failure())

    _run(serve())


@refusing
def demo(
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port of the page", min=0, max=65535)] = 8080,
    data: Annotated[Path | None, typer.Option(help="data directory to keep (default: a fresh one)")] = None,
    limits: Limit = "telegram",
) -> None:
    """The whole desk without a token: local Bot API, bot and web page in one process."""
    logging.basicConfig(level=logging.WARNING, format=LOG_FORMAT)
    strict = _limits(limits)
    with _data_dir(data) as folder:
        _run(_demo(host, port, folder, strict))


@refusing
def sandbox(
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port of Bot API and page", min=0, max=65535)] = 8081,
    data: Annotated[Path | None, typer.Option(help="data directory to seed")] = None,
    limits: Limit = "telegram",
) -> None:
    """The seeded local Bot API and page alone; the first line printed is the bot token to use."""
    logging.basicConfig(level=logging.WARNING, format=LOG_FORMAT)
    strict = _limits(limits)
    with _data_dir(data) as folder:
        _run(_sandbox(host, port, folder, strict))


async def _demo(host: str, port: int, data: Path, limits: Any) -> None:
    from bot.bootstrap import RunningDesk
    from bot.demo import clock_of, demo_settings, seed_database

    async with _seeded(host, port, limits) as (server, seeded):
        settings = demo_settings(
            load_settings(), data_dir=data, api_root=_loopback(server), admin=seeded.admin
        )
        await asyncio.to_thread(seed_database, settings, seeded, server.world)
        async with RunningDesk(settings, clock_of(server.world)) as desk:
            server.world.outbox = desk.outbox
            typer.echo(f"zhuanban demo: {_loopback(server)}/")
            typer.echo("open the page above; Ctrl-C ends the demo")
            await _until_stopped(desk.failure())


async def _sandbox(host: str, port: int, data: Path, limits: Any) -> None:
    from bot.demo import TOKEN, demo_settings, seed_database

    async with _seeded(host, port, limits) as (server, seeded):
        settings = demo_settings(
            load_settings(), data_dir=data, api_root=_loopback(server), admin=seeded.admin
        )
        await asyncio.to_thread(seed_database, settings, seeded, server.world)
        typer.echo(TOKEN)
        typer.echo(f"Bot API and page: {_loopback(server)}/")
        await _until_stopped(asyncio.get_running_loop().create_future())


@contextlib.asynccontextmanager
async def _seeded(host: str, port: int, limits: Any) -> AsyncIterator[Any]:
    from bot.demo import seed_world
    from bot.sandbox import Sandbox, World
    from knowledge.engine import load_register

    plan, _ = load_register()
    world = World(limits=limits)
    seeded = seed_world(world, plan.roster)
    try:
        async with Sandbox(world, host=host, port=port) as server:
            yield server, seeded
    except OSError as error:
        raise BotError(f"cannot listen on {host}:{port}: {error.strerror or error}") from error


def _loopback(server: Any) -> str:
    host = "127.0.0.1" if server.host in ("0.0.0.0", "::") else server.host  # noqa: S104
    return f"http://{host}:{server.port}"


def _limits(name: str) -> Any:
    from bot.sandbox import Limits

    known: dict[str, Any] = {"telegram": Limits(), "off": Limits.off()}
    if name not in known:
        raise typer.BadParameter("telegram or off", param_hint="--limits")
    return known[name]


@contextlib.contextmanager
def _data_dir(given: Path | None) -> Iterator[Path]:
    """The folder given, kept as it is; or a fresh one that goes with the process."""
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="zhuanban-demo-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


async def _until_stopped(failure: Any) -> None:
    """Wait for Ctrl-C or SIGTERM, or raise what went wrong."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    signals: tuple[Literal[signal.Signals.SIGINT], Literal[signal.Signals.SIGTERM]] = (
        signal.SIGINT,
        signal.SIGTERM,
    )
    for number in signals:
        loop.add_signal_handler(number, stop.set)
    stopped, failed = asyncio.ensure_future(stop.wait()), asyncio.ensure_future(failure)
    done, waiting = await asyncio.wait({stopped, failed}, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    if failed in done:
        raise failed.result()


def _run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(work)
