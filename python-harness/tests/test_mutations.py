"""What tests change of their module."""

from __future__ import annotations

from collections import deque

import pytest

from fastest_harness.mutations import Mutations

SEEN: list[int] = []
TABLE = {"a": 1}
QUEUE: deque[int] = deque()
LIMIT = 3


class Counter:
    count = 0

    def step(self) -> None:
        self.count += 1


COUNTER = Counter()


def appends() -> None:
    SEEN.append(1)


def puts() -> None:
    TABLE["b"] = 2


def takes_out() -> None:
    del TABLE["a"]


def counts() -> None:
    Counter.count += 1


def counts_on_an_object() -> None:
    COUNTER.count = LIMIT


def through_a_helper() -> None:
    appends()


def within() -> None:
    def inner() -> None:
        QUEUE.popleft()

    inner()


def only_looks() -> None:
    result = list(SEEN)
    result.append(TABLE["a"] + LIMIT)
    assert sorted(result, key=lambda number: -number)
    own = {}
    own["a"] = result


def makes_its_own() -> None:
    counter = Counter()
    counter.count = 5
    counter.step()


@pytest.mark.parametrize(
    ("function", "changed"),
    [
        (appends, {"SEEN"}),
        (puts, {"TABLE"}),
        (takes_out, {"TABLE"}),
        (counts, {"Counter"}),
        (counts_on_an_object, {"COUNTER"}),
        (through_a_helper, {"SEEN"}),
        (within, {"QUEUE"}),
        (only_looks, set()),
        (makes_its_own, set()),
        (len, set()),
        (None, set()),
    ],
)
def test_changes_are_seen(function: object, changed: set[str]) -> None:
    assert Mutations().changed_by(function) == changed


def test_what_is_used_is_named() -> None:
    assert Mutations().named_by(only_looks) == {"SEEN", "TABLE"}
