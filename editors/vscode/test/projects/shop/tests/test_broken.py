from shop.nowhere import nothing


def test_never_imported():
    assert nothing
