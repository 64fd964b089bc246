"""What a customer wants to buy."""


def total(prices, discount=0):
    """The sum of the prices, less a discount in percent."""
    amount = sum(prices)
    if discount > 100:
        raise ValueError("a discount is at most 100 percent")
    return amount - amount * discount // 100


def describe(prices):
    """The cart in words."""
    if not prices:
        return "empty"
    return f"{len(prices)} items for {total(prices)}"
