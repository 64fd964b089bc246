import pytest


def test_before():
    assert 1


@pytest.mark.parametrize("a", [1, 2, (3,
def test_half_typed(a):
    pass


def test_after(:
    x = "unterminated
    y = f"{x

class TestBroken(Base
    def test_inside(self):
        return )

    def test_fine(self):
        pass

  def test_dedent(): pass

x = = 1
else:
    pass
"""never
ends
def test_in_string(): pass
