"""The worker process: connect, be configured, let pytest run with the engine, say how it ended."""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from fastest_harness import PROTOCOL, transport
from fastest_harness.channel import Channel
from fastest_harness.leaving import leave
from fastest_harness.settings import Settings, from_message

if TYPE_CHECKING:
    import socket

    import pytest

    from fastest_harness.template import Template

SECRET_VARIABLE: Final = "FASTEST_HARNESS_SECRET"
USAGE_ERROR: Final = 4
UNCAUGHT: Final = 1


def main(address: str) -> NoReturn:
    """Run one worker in a process that was started for it."""
    transport.accept_interrupts()
    work(transport.connect(address, os.environ.pop(SECRET_VARIABLE, "")))


def work(connection: socket.socket, config: pytest.Config | None = None) -> NoReturn:
    """Run one worker from connection to exit; with a configuration, in a fork that was given it."""
    channel = Channel(connection)
    channel.send({"type": "ready", "protocol": PROTOCOL, "pid": os.getpid()})
    message = channel.receive()
    if message is None:
        sys.exit(0)
    settings = from_message(message)
    arrange_path(cwd_on_path=settings.cwd_on_path)
    template = None
    if message["type"] != "configure":
        from fastest_harness.template import Template

        template = Template(connection, settings, collects=message["type"] == "prepare")
        channel = template.channel
        template.begin()
    code = run(channel, settings, config, template)
    channel.close()
    if config is None and settings.debug is None:
        sys.exit(code)
    # A debugger would stop at the `SystemExit` of failed tests, as at any that nobody catches.
    leave(code)


def arrange_path(*, cwd_on_path: bool) -> None:
    """Make ``sys.path`` what pytest's own process has, with ``fastest`` found last of all."""
    ours = str(Path(__file__).resolve().parent.parent)
    sys.path[:] = [entry for entry in sys.path if entry != ours]
    if cwd_on_path:
        sys.path.insert(0, os.getcwd())
    sys.path.append(ours)


def run(
    channel: Channel,
    settings: Settings,
    config: pytest.Config | None = None,
    template: Template | None = None,
) -> int:
    """pytest's exit code, after telling it to the other side."""
    try:
        import pytest

        del pytest
    except ModuleNotFoundError as error:
        if error.name != "pytest":
            raise
        channel.send({"type": "no_pytest", "executable": sys.executable})
        return USAGE_ERROR

    from fastest_harness import compat_cache, compat_config, compat_rewrite, contract, engine

    if config is not None and compat_config.fits(settings.args):
        compat_config.use_config(config)
    sys.argv = settings.argv()
    contract.set_environment(settings)
    if settings.overlay:
        from fastest_harness import overlay

        overlay.install(settings.overlay)
    if settings.debug is not None:
        from fastest_harness import debugger

        if not debugger.await_client(channel, debugger.Debugging(settings.debug["path"])):
            return USAGE_ERROR
    compat_cache.read_late()
    compat_rewrite.hasten()
    plugin = engine.Engine(channel, settings, template)
    code = run_pytest(settings, [plugin, *measuring(settings)])
    sys.stdout.flush()
    finished = {"type": "finished", "exit": code, "reason": plugin.stop_reason}
    told = {"interruption": plugin.interruption, "last_words": plugin.last_words}
    channel.send({**finished, **told})
    return code


def measuring(settings: Settings) -> list[object]:
    """The plugin that measures coverage, if it is measured."""
    if settings.coverage is None:
        return []
    from fastest_harness.coverage_run import Measuring

    return [Measuring(settings.coverage, first=settings.worker in (None, "gw0"))]


def run_pytest(settings: Settings, plugins: list[object]) -> int:
    """pytest's exit code; what it lets through ends its own process as any exception does."""
    import pytest

    try:
        return int(pytest.main(settings.args, plugins=plugins))
    except SystemExit as error:
        if isinstance(error.code, int) or error.code is None:
            return error.code or 0
        print(error.code, file=sys.stderr)
    except Exception:
        traceback.print_exc()
    return UNCAUGHT
