"""Plugins whose controller is not there."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from fastest_harness import contract


def module(monkeypatch: pytest.MonkeyPatch, name: str, **members: object) -> Any:
    made = ModuleType(name)
    vars(made).update(members)
    monkeypatch.setitem(sys.modules, name, made)
    return made


def set_up(**options: object) -> Any:
    manager = SimpleNamespace(hasplugin=lambda _name: True)
    config: Any = SimpleNamespace(option=SimpleNamespace(**options), pluginmanager=manager)
    settings: Any = SimpleNamespace(worker="gw0", workers=2, run_uid="0" * 32, argv=list)
    contract.set_up_config(config, settings)
    return config


def test_rerunfailures_tells_of_failed_attempts_without_xdist(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plugin = module(
        monkeypatch,
        "pytest_rerunfailures",
        HAS_PYTEST_HANDLECRASHITEM=True,
        works_with_current_xdist=lambda: None,
    )
    set_up()
    assert plugin.works_with_current_xdist()
    assert not plugin.HAS_PYTEST_HANDLECRASHITEM


def test_retry_reports_in_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    class OfflineReporter:
        pass

    plugin = module(
        monkeypatch,
        "pytest_retry.retry_plugin",
        OfflineReporter=OfflineReporter,
        ClientReporter=int,
    )
    config = set_up()
    reporter = plugin.ClientReporter(config.workerinput["server_port"])
    assert isinstance(reporter, OfflineReporter)


def test_the_seed_of_random_order_is_the_one_that_was_given() -> None:
    config = set_up(random_order_seed="3")
    assert config.workerinput["random_order_seed"] == "3"


def test_what_controllers_put_there_is_asked_for_when_it_is_missing() -> None:
    def unable(node: Any) -> None:
        node.controller.start()

    def fills(node: Any) -> None:
        node.workerinput["database"] = f"test_{node.gateway.id}"

    config = set_up()
    implementations = [SimpleNamespace(plugin=None, function=each) for each in (unable, fills)]
    caller = SimpleNamespace(get_hookimpls=lambda: implementations)
    config.pluginmanager.hook = SimpleNamespace(pytest_configure_node=caller)
    assert "database" not in config.workerinput
    assert config.workerinput["database"] == "test_gw0"
    with pytest.raises(KeyError):
        config.workerinput["nothing"]
