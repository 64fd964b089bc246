def test_name(name):
    assert name == "two"
