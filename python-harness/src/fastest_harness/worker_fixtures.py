"""xdist's fixtures, for environments without xdist: a plugin module."""

from __future__ import annotations

import uuid
from typing import Any

import pytest


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """The id of this worker (``gw0``), or ``master`` when it runs alone."""
    return str(_worker_input(request).get("workerid", "master"))


@pytest.fixture(scope="session")
def testrun_uid(request: pytest.FixtureRequest) -> str:
    """The id that all workers of this run share."""
    return str(_worker_input(request).get("testrunuid") or uuid.uuid4().hex)


def _worker_input(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = getattr(request.config, "workerinput", {})
    return found
