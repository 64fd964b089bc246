"""One test for each way in which a test can end."""

import pytest


def test_fails():
    found = {"name": "tea", "price": 3}
    assert found == {"name": "tea", "price": 4}


def test_skipped():
    pytest.skip("no network today")


@pytest.mark.xfail(reason="known to be wrong")
def test_expected_failure():
    assert 1 == 2


@pytest.fixture
def broken():
    raise RuntimeError("the fixture is broken")


def test_error(broken):
    pass


def test_prints():
    print("\x1b[32mgreen\x1b[0m words")


def helper(value):
    assert value > 3, "too small"


def test_fails_in_helper():
    helper(2)


def test_subtests(subtests):
    for number in range(3):
        with subtests.test("is even", number=number):
            assert number % 2 == 0


@pytest.mark.parametrize("number", [n * n for n in range(2)] + list(range(7, 9)))
def test_computed(number):
    assert number >= 0
