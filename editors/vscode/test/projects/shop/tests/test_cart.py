import pytest

from shop.cart import describe, total


def test_total(prices):
    assert total(prices) == 60


@pytest.mark.parametrize(
    "discount, expected",
    [
        pytest.param(0, 60, id="none"),
        pytest.param(50, 30, id="half"),
        pytest.param(100, 0, id="everything"),
    ],
)
def test_discount(prices, discount, expected):
    print(f"trying {discount} percent")
    assert total(prices, discount) == expected


@pytest.mark.slow
def test_too_much(prices):
    with pytest.raises(ValueError):
        total(prices, 101)


class TestDescribe:
    def test_empty(self):
        assert describe([]) == "empty"

    def test_full(self, prices):
        assert describe(prices) == "3 items for 60"
