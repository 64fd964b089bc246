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


def numbers():
    return [int(word) for word in "7 8 9".split()]


@pytest.mark.parametrize("number", numbers())
def test_computed(number):
    assert number != 8
