import pytest

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("db")]


@pytest.fixture(scope="module", params=[1, pytest.param(2, id="two")], ids=str)
def number(request):
    value = request.param
    yield value


@pytest.mark.parametrize(
    "text, expected",
    [
        ("a", 1),
        ("b\n", 2),  # a comment, with (brackets and 'quotes
        pytest.param("c" "d", -3, id="joined", marks=pytest.mark.xfail),
        *[(str(n), n) for n in range(3) if n % 2],
    ],
    ids=lambda value: f"{value!r:>{10}} {{}}",
)
@pytest.mark.skipif(sys.platform == "win32" and not has_symlinks(), reason="no links")
def test_cases(text, expected, number):
    """Says something about `text`."""
    assert text or expected
    assert number  # the last line


@pytest.mark.parametrize("a", ())
class TestEmpty:
    @pytest.mark.parametrize("b", {"x": 1, **more}, indirect=True)
    def test_b(self, a, b):
        pass

    @property
    def name(self):
        return self._name


@(lambda function: function)
def test_odd(): pass


register(test_odd, key=[value for value in "abc"])
matrix[1:2, ::3] = x if y else ~z ** 2
