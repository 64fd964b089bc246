# Grüße, 世界, 😀
import pytest

größe = "😀" * 3
名前 = ["é", "e\u0301", "\N{DASH}", "\ud800", b"\xff\0"]


@pytest.mark.parametrize("wert", ["ä", "😀😀", "a b\u2028c"])
def test_größe(wert):
    assert f"{wert!r} {größe:>{len(wert)}} {{}} {'nested'}" != rf"\d{wert}"
    assert f"""
{
    wert
    + "x"  # comment
}
"""


class Tést:
    """😀"""

    def test_世界(self): return "世界"


x = f"{y}" "plain" f'{z=}' '''tri"ple'''
if x: y = 1; z = 2
