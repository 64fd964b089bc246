"""What suites and plugins written for pytest-xdist find in a worker.

The environment variables, ``config.workerinput`` and the fixtures are xdist's documented
contract; where xdist itself is installed it provides the fixtures, and is kept from starting
workers of its own.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

from fastest_harness import compat, worker_fixtures

if TYPE_CHECKING:
    import pytest

    from fastest_harness.settings import Settings

NOT_DISTRIBUTED: Final = {
    "dist": "no",
    "distload": False,
    "numprocesses": None,
    "maxprocesses": None,
    "tx": [],
    "looponfail": False,
}


def set_environment(settings: Settings) -> None:
    """Set xdist's variables, before anything of the project is imported."""
    if settings.worker is None:
        return
    os.environ["PYTEST_XDIST_WORKER"] = settings.worker
    os.environ["PYTEST_XDIST_WORKER_COUNT"] = str(settings.workers)
    os.environ["PYTEST_XDIST_TESTRUNUID"] = settings.run_uid


def set_up_config(config: pytest.Config, settings: Settings) -> None:
    """Make the configuration that of a worker, before plugins are configured."""
    compat.set_options(config, NOT_DISTRIBUTED)
    if not config.pluginmanager.hasplugin("xdist"):
        config.pluginmanager.register(worker_fixtures)
    if settings.worker is None:
        return
    vars(config)["workerinput"] = WorkerInput(config, worker_input(config, settings))
    vars(config)["workeroutput"] = {}
    _do_without_controllers()
    base = compat.options(config).get("basetemp")
    if base:
        Path(base).mkdir(parents=True, exist_ok=True)
        compat.set_options(config, {"basetemp": str(Path(base, f"popen-{settings.worker}"))})


class WorkerInput(dict[str, object]):
    """xdist's ``config.workerinput``.

    What is not there is what plugins put there in xdist's controller, by `pytest_configure_node`
    (SQLAlchemy's): those hooks are called here then, each worker for itself.
    """

    def __init__(self, config: pytest.Config, members: dict[str, object]) -> None:
        super().__init__(members)
        self._config: Final = config
        self._asked = False

    def __missing__(self, key: str) -> object:
        if not self._asked:
            self._asked = True
            self._ask()
            return self[key]
        raise KeyError(key)

    def _ask(self) -> None:
        gateway = SimpleNamespace(id=self["workerid"])
        node = SimpleNamespace(workerinput=self, config=self._config, gateway=gateway)
        for _, function in compat.hook_functions(self._config, "pytest_configure_node"):
            # One that needs more of a controller than this has nothing to say.
            with contextlib.suppress(Exception):
                function(node)


def worker_input(config: pytest.Config, settings: Settings) -> dict[str, object]:
    """xdist's ``config.workerinput``, with what plugins' own controllers put there.

    There is no controller here in which `pytest_configure_node` of pytest-cov, pytest-randomly,
    pytest-random-order and pytest-retry could run.
    """
    return {
        "workerid": settings.worker,
        "workercount": settings.workers,
        "testrunuid": settings.run_uid,
        "mainargv": settings.argv(),
        "cov_master_host": socket.gethostname(),
        "cov_master_topdir": os.getcwd(),
        "cov_master_rsync_roots": [],
        "randomly_seed": _seed(config, settings),
        "random_order_seed": compat.options(config).get("random_order_seed"),
        "server_port": None,
    }


def _seed(config: pytest.Config, settings: Settings) -> object:
    """pytest-randomly's seed: the one that was asked for, or the same in all workers."""
    given = compat.options(config).get("randomly_seed")
    return given if isinstance(given, int) else int(settings.run_uid[:8], 16)


def _do_without_controllers() -> None:
    """Plugins that have a server in xdist's controller keep in each worker what is its own."""
    module = sys.modules.get("pytest_rerunfailures")
    if module is not None:
        vars(module)["HAS_PYTEST_HANDLECRASHITEM"] = False
        # It tells of failed attempts where it finds an xdist that takes them, as we do.
        vars(module)["works_with_current_xdist"] = _takes_all_attempts
    module = sys.modules.get("pytest_retry.retry_plugin")
    if module is not None:
        alone = vars(module).get("OfflineReporter")
        vars(module)["ClientReporter"] = lambda _port: alone() if alone is not None else None


def _takes_all_attempts() -> bool:
    return True
