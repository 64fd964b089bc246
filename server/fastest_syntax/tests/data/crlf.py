"""Windows lines, and a mark."""
import pytest


@pytest.mark.parametrize(
    "a",
    [1, 2],
)
def test_a(a):
    x = """
not code
"""
    assert a


class TestB:
	def test_tab(self):
		pass

	value = 1 + \
		2

last = "no newline"