#!/usr/bin/env python3
"""Write a made-up test suite of exactly N tests, in the manner of typical code.

    synth.py OUT [--tests N] [--files F] [--style trivial|mixed] [--seed S]
             [--failing PERCENT]

OUT (which must not exist, or be a suite written by this script) becomes a small
project: pyproject.toml, a package under src/, and tests/ with a conftest.py at
the top and one in each folder.  The same arguments give the same bytes.
Without --files there are 50 files for 1,000 tests and 2,000 for 100,000.

trivial  only `def test_...(): assert ...`: measures the cost for each test of
         discovery, dispatch and reporting.
mixed    functions, classes, parametrize (plain, with ids, stacked, pytest.param
         with marks), fixtures of every scope (yield, autouse, parametrized,
         overridden, in conftest.py), tmp_path, monkeypatch, capsys, unittest,
         skip, skipif and xfail.  Every test is independent of the others and
         takes well under a millisecond.

--failing makes about that share of the plain functions fail (their assertions
compare lists, dicts and strings, so that reports are worth comparing).

OUT/expected.json has the number of tests and of each outcome.
"""
from __future__ import annotations

import argparse
import collections
import json
import math
import random
import shutil
import sys
from pathlib import Path

NOUNS = ("account basket cache channel client config cursor customer document event "
         "filter folder gateway header index invoice job label ledger message metric "
         "order packet parser payment policy price product profile query queue record "
         "report route schema session setting shipment stream table task template "
         "ticket token user vendor version widget worker").split()
VERBS = ("accepts adds applies builds checks clears closes counts creates decodes "
         "drops encodes expands finds formats handles ignores joins keeps limits "
         "loads merges moves opens orders parses prints raises reads rejects removes "
         "renames resets returns rounds saves sends sorts splits starts stops strips "
         "tracks trims updates validates wraps writes").split()
WHENS = ("", "", "", "when_empty", "by_default", "twice", "in_order", "with_defaults",
         "without_owner", "after_reset", "from_text", "for_guests", "in_bulk")

LIBRARY = {
    "__init__.py": '"""The code under test."""\n',
    "money.py": '''\
"""Amounts in cents."""
from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, order=True)
class Money:
    cents: int
    currency: str = "EUR"

    def __add__(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.cents + other.cents, self.currency)

    def __mul__(self, factor: int) -> "Money":
        return Money(self.cents * factor, self.currency)

    def __str__(self) -> str:
        return f"{self.cents / 100:.2f} {self.currency}"


def split(amount: Money, ways: int) -> list[Money]:
    if ways < 1:
        raise ValueError("ways must be positive")
    base, extra = divmod(amount.cents, ways)
    return [Money(base + (i < extra), amount.currency) for i in range(ways)]
''',
    "text.py": '''\
"""Small text helpers."""
from __future__ import annotations

import re


def slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def words(text: str) -> list[str]:
    return re.findall(r"[A-Za-z0-9]+", text)


def shorten(text: str, width: int) -> str:
    return text if len(text) <= width else text[: max(width - 3, 0)] + "..."


def parse_pairs(text: str) -> dict[str, str]:
    pairs = {}
    for part in filter(None, text.split(";")):
        key, sep, value = part.partition("=")
        if not sep:
            raise ValueError(f"no '=' in {part!r}")
        pairs[key.strip()] = value.strip()
    return pairs
''',
    "store.py": '''\
"""An in-memory store with an undo log."""
from __future__ import annotations

import os


class Store:
    def __init__(self, name: str = "main") -> None:
        self.name = name
        self.rows: dict[str, object] = {}
        self.log: list[tuple[str, str]] = []
        self.closed = False

    def put(self, key: str, value: object) -> None:
        if self.closed:
            raise RuntimeError("store is closed")
        self.rows[key] = value
        self.log.append(("put", key))

    def get(self, key: str, default: object = None) -> object:
        return self.rows.get(key, default)

    def remove(self, key: str) -> None:
        del self.rows[key]
        self.log.append(("remove", key))

    def __len__(self) -> int:
        return len(self.rows)

    def close(self) -> None:
        self.closed = True


def mode() -> str:
    return os.environ.get("SHOP_MODE", "normal")


def announce(store: Store) -> None:
    print(f"{store.name}: {len(store)} rows")
''',
}

PYPROJECT = '''\
[project]
name = "synthetic-suite"
version = "1"

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["src"]
addopts = "--strict-markers"
markers = ["slow: made-up slow tests", "area(name): the part of the shop tested"]
'''

TOP_CONFTEST = '''\
import pytest

from shop.money import Money
from shop.store import Store


@pytest.fixture(scope="session")
def catalogue():
    return {f"item-{n}": Money(100 * n + 99) for n in range(20)}


@pytest.fixture(scope="module")
def shared_store():
    store = Store("shared")
    for n in range(10):
        store.put(f"row-{n}", n)
    yield store
    store.close()


@pytest.fixture
def store():
    store = Store()
    yield store
    store.close()


@pytest.fixture
def filled(store, catalogue):
    for name, price in catalogue.items():
        store.put(name, price)
    return store


@pytest.fixture
def owner():
    return "nobody"
'''

AREA_CONFTEST = '''\
import pytest

from shop.store import Store


@pytest.fixture(scope="package")
def area_name():
    return "{area}"


@pytest.fixture
def owner(owner):
    """Overrides the one above, and uses it."""
    return f"{{owner}}@{area}"


@pytest.fixture
def area_store(area_name):
    return Store(area_name)
'''


class Names:
    """Test names that are distinct within one module."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self.used = rng, set()

    def _distinct(self, make) -> str:
        base = name = make()
        n = 2
        while name in self.used:
            name, n = f"{base}_{n}", n + 1
        self.used.add(name)
        return name

    def test(self) -> str:
        def make() -> str:
            parts = ["test", self.rng.choice(NOUNS), self.rng.choice(VERBS),
                     self.rng.choice(NOUNS), self.rng.choice(WHENS)]
            return "_".join(filter(None, parts))
        return self._distinct(make)

    def cls(self) -> str:
        return self._distinct(lambda: "Test" + "".join(
            self.rng.choice(NOUNS).title() for _ in range(2)))

    def plain(self) -> str:
        return self._distinct(lambda: self.rng.choice(NOUNS) + "_" + self.rng.choice(NOUNS))


class Module:
    """One test file being written, with at most `budget` tests."""

    def __init__(self, rng: random.Random, budget: int, failing: float) -> None:
        self.rng, self.left, self.failing = rng, budget, failing
        self.names = Names(rng)
        self.blocks: list[str] = []
        self.outcomes: collections.Counter = collections.Counter()

    def add(self, text: str, **outcomes: int) -> None:
        self.blocks.append(text.rstrip("\n"))
        self.outcomes.update(outcomes)
        self.left -= sum(outcomes.values())

    # Each block writes one piece of code; those that need room say how much.
    def function(self) -> None:
        r, name = self.rng, self.names.test()
        a, b, w = r.randrange(1, 500), r.randrange(1, 500), r.choice(NOUNS)
        bad = r.random() < self.failing
        off = 1 if bad else 0
        body = r.choice([
            f"assert Money({a}) + Money({b}) == Money({a + b + off})",
            f"assert [m.cents for m in split(Money({a}), 1)] == [{a + off}]",
            f"assert words('{w} and {a}') == ['{w}', 'and', '{a + off}']",
            f"pairs = parse_pairs('{w}={a}; size={b}')\n"
            f"    assert pairs == {{'{w}': '{a}', 'size': '{b + off}'}}",
            f"assert slug('The {w.title()} No. {a}') == 'the-{w}-no-{a + off}'",
            f"total = sum(range({a}))\n    assert total == {a * (a - 1) // 2 + off}",
            f"text = str(Money({a}, 'USD'))\n    assert text == '{a / 100:.2f} USD'"
            + (" + '!'" if bad else ""),
        ])
        self.add(f"def {name}():\n    {body}\n", **{"failed" if bad else "passed": 1})

    def raises(self) -> None:
        r, name = self.rng, self.names.test()
        body = r.choice([
            "with pytest.raises(ValueError, match='positive'):\n        split(Money(1), 0)",
            "with pytest.raises(ValueError) as caught:\n        parse_pairs('oops')\n"
            "    assert 'oops' in str(caught.value)",
            "with pytest.raises(ValueError):\n        Money(1, 'EUR') + Money(1, 'USD')",
            "assert 0.1 + 0.2 == pytest.approx(0.3)",
        ])
        self.add(f"def {name}():\n    {body}\n", passed=1)

    def fixture_function(self) -> None:
        r, name, n = self.rng, self.names.test(), self.rng.randrange(20)
        args, body = r.choice([
            ("store", f"store.put('a', {n})\n    assert store.get('a') == {n}\n"
                      "    assert store.log == [('put', 'a')]"),
            ("filled", f"assert len(filled) == 20\n    assert 'item-{n}' in filled.rows"),
            ("catalogue", f"assert catalogue['item-{n}'].cents == {100 * n + 99}"),
            ("shared_store", f"assert shared_store.get('row-{n % 10}') == {n % 10}"),
            ("owner, area_name", "assert owner == f'nobody@{area_name}'"),
            ("tmp_path", f"path = tmp_path / 'out.txt'\n    path.write_text('x' * {n})\n"
                         f"    assert path.stat().st_size == {n}"),
            ("monkeypatch", "monkeypatch.setenv('SHOP_MODE', 'sale')\n"
                            "    assert mode() == 'sale'"),
            ("capsys, area_store", "announce(area_store)\n"
                                   "    assert capsys.readouterr().out.endswith(': 0 rows\\n')"),
            ("request", "assert request.node.name == '" + name + "'"),
        ])
        self.add(f"def {name}({args}):\n    {body}\n", passed=1)

    def local_fixture(self) -> None:
        """A fixture with params, and a test of it."""
        r, fixture, name = self.rng, self.names.plain(), self.names.test()
        params = r.sample(range(100), min(r.randint(2, 3), self.left))
        scope = r.choice(["", ", scope='module'"])
        self.add(f"@pytest.fixture(params={params!r}{scope})\n"
                 f"def {fixture}(request):\n    return Money(request.param)\n\n\n"
                 f"def {name}({fixture}):\n    assert {fixture}.cents in {params!r}\n",
                 passed=len(params))

    def autouse_fixture(self) -> None:
        """An autouse fixture of the module, and a test that sees it."""
        name, fixture, log = self.names.test(), self.names.plain(), self.names.plain()
        self.add(f"{log} = []\n\n\n@pytest.fixture(autouse=True)\ndef _{fixture}(request):\n"
                 f"    {log}.append(request.node.name)\n    yield\n    {log}.pop()\n\n\n"
                 f"def {name}():\n    assert {log}[-1] == '{name}'\n", passed=1)

    def parametrized(self) -> None:
        r, name = self.rng, self.names.test()
        k = min(r.randint(2, 8), self.left)
        kind = r.randrange(3)
        if kind == 0:
            rows = [(r.randrange(999), r.randint(1, 9)) for _ in range(k)]
            self.add(f"@pytest.mark.parametrize('cents, ways', {rows!r})\n"
                     f"def {name}(cents, ways):\n    parts = split(Money(cents), ways)\n"
                     "    assert sum(p.cents for p in parts) == cents\n"
                     "    assert len(parts) == ways\n", passed=k)
        elif kind == 1:
            rows = [f"{r.choice(NOUNS)} {r.choice(VERBS)} {n}" for n in range(k)]
            self.add(f"@pytest.mark.parametrize('text', {rows!r})\n"
                     f"def {name}(text, store):\n    store.put(slug(text), text)\n"
                     "    assert store.get(slug(text)) == text\n", passed=k)
        else:
            rows = [(r.choice(NOUNS) * 3, r.randint(4, 20)) for _ in range(k)]
            ids = [f"width-{n}" for n in range(k)]
            self.add(f"@pytest.mark.parametrize(('text', 'width'), {rows!r}, ids={ids!r})\n"
                     f"def {name}(text, width):\n    assert len(shorten(text, width)) <= width\n",
                     passed=k)

    def stacked(self) -> None:
        name = self.names.test()
        self.add("@pytest.mark.parametrize('currency', ['EUR', 'USD'])\n"
                 "@pytest.mark.parametrize('factor', [0, 1, 2])\n"
                 f"def {name}(factor, currency):\n"
                 "    assert (Money(5, currency) * factor).cents == 5 * factor\n", passed=6)

    def marked_params(self) -> None:
        name = self.names.test()
        self.add("@pytest.mark.parametrize('text, expected', [\n"
                 "    ('a=1', {'a': '1'}),\n"
                 "    pytest.param('', {}, id='empty'),\n"
                 "    pytest.param('a', {}, marks=pytest.mark.xfail(raises=ValueError)),\n"
                 "    pytest.param('b', {}, marks=pytest.mark.skip(reason='not yet')),\n"
                 f"])\ndef {name}(text, expected):\n"
                 "    assert parse_pairs(text) == expected\n", passed=2, xfailed=1, skipped=1)

    def marked(self) -> None:
        r, name = self.rng, self.names.test()
        mark, body, outcome = r.choice([
            ("skip(reason='not written yet')", "assert False", "skipped"),
            ("skipif('sys.version_info < (3,)')", "assert sys.version_info >= (3,)", "passed"),
            ("skipif(sys.platform != 'never', reason='elsewhere')", "assert False", "skipped"),
            ("xfail(reason='known bug')", "assert slug('é') == 'e'", "xfailed"),
            ("slow", "assert sorted(words('b a')) == ['a', 'b']", "passed"),
            ("usefixtures('filled')", "assert mode() == 'normal'", "passed"),
        ])
        self.add(f"@pytest.mark.{mark}\ndef {name}():\n    {body}\n", **{outcome: 1})

    def test_class(self) -> None:
        r, k = self.rng, min(self.rng.randint(2, 7), self.left)
        methods, inner = [], Names(r)
        setup = r.choice([
            "    def setup_method(self):\n        self.store = Store()\n"
            "        self.store.put('a', 1)\n",
            "    @pytest.fixture(autouse=True)\n    def _fill(self, store):\n"
            "        self.store = store\n        self.store.put('a', 1)\n",
            "    @classmethod\n    def setup_class(cls):\n        cls.store = Store()\n"
            "        cls.store.put('a', 1)\n",
        ])
        for _ in range(k):
            args, body = r.choice([
                ("", "assert len(self.store) == 1"),
                ("", "assert self.store.get('b', 'none') == 'none'"),
                (", catalogue", f"assert 'item-{r.randrange(20)}' in catalogue"),
                (", owner", "assert owner.startswith('nobody')"),
                ("", "assert self.store.log == [('put', 'a')]"),
            ])
            methods.append(f"    def {inner.test()}(self{args}):\n        {body}\n")
        doc = '    """Made up."""\n\n' if r.random() < 0.3 else ""
        self.add(f"class {self.names.cls()}:\n{doc}{setup}\n" + "\n".join(methods), passed=k)

    def unittest_class(self) -> None:
        r, k = self.rng, min(self.rng.randint(2, 6), self.left)
        methods, inner = [], Names(r)
        for _ in range(k):
            body = r.choice([
                "self.assertEqual(self.store.get('a'), 1)",
                "with self.assertRaises(KeyError):\n            self.store.remove('zzz')",
                "self.store.remove('a')\n        self.assertFalse(self.store.rows)",
                "self.assertIn('a', self.store.rows)",
            ])
            methods.append(f"    def {inner.test()}(self):\n        {body}\n")
        self.add(f"class {self.names.cls()}(unittest.TestCase):\n    def setUp(self):\n"
                 "        self.store = Store()\n        self.store.put('a', 1)\n"
                 "        self.addCleanup(self.store.close)\n\n" + "\n".join(methods), passed=k)

    #        block             weight  least room
    MIXED = (("function",         30, 1), ("raises",          5, 1),
             ("fixture_function", 18, 1), ("local_fixture",   2, 2),
             ("autouse_fixture",   1, 1), ("parametrized",   10, 2),
             ("stacked",           1, 6), ("marked_params",   1, 4),
             ("marked",            3, 1), ("test_class",      7, 2),
             ("unittest_class",    2, 2))

    def write_mixed(self) -> str:
        while self.left:
            fits = [(name, weight) for name, weight, room in self.MIXED if room <= self.left]
            name, = self.rng.choices([n for n, _ in fits], [w for _, w in fits])
            getattr(self, name)()
        return ("import sys\nimport unittest\n\nimport pytest\n\n"
                "from shop.money import Money, split\n"
                "from shop.store import Store, announce, mode\n"
                "from shop.text import parse_pairs, shorten, slug, words\n\n\n"
                + "\n\n\n".join(self.blocks) + "\n")

    def write_trivial(self) -> str:
        while self.left:
            a, b = self.rng.randrange(100), self.rng.randrange(100)
            bad = self.rng.random() < self.failing
            self.add(f"def {self.names.test()}():\n    assert {a} + {b} == {a + b + bad}\n",
                     **{"failed" if bad else "passed": 1})
        return "\n\n\n".join(self.blocks) + "\n"


def default_files(tests: int) -> int:
    """50 files at 1,000 tests, 2,000 at 100,000, along a power law between."""
    return max(1, min(tests, round(50 * (tests / 1000) ** math.log(40, 100))))


def generate(out: Path, tests: int, files: int, style: str, seed: int, failing: float) -> dict:
    rng = random.Random(f"{seed} {style} {tests} {files} {failing}")
    shares = [tests // files + (i < tests % files) for i in range(files)]
    if style == "mixed":  # uneven files, as in life; the sum stays the same
        for _ in range(files):
            a, b = rng.randrange(files), rng.randrange(files)
            move = rng.randint(0, shares[a] // 2)
            shares[a] -= move
            shares[b] += move
    areas = max(1, round(math.sqrt(files) / 1.5))
    written: dict[str, str] = {"pyproject.toml": PYPROJECT}
    for name, text in LIBRARY.items():
        written[f"src/shop/{name}"] = text
    mixed = style == "mixed"
    if mixed:
        written["tests/conftest.py"] = TOP_CONFTEST
    written["tests/__init__.py"] = ""
    outcomes: collections.Counter = collections.Counter()
    for i, share in enumerate(shares):
        area = f"{NOUNS[i % areas % len(NOUNS)]}_{i % areas:02d}"
        folder = f"tests/{area}"
        if f"{folder}/__init__.py" not in written:
            written[f"{folder}/__init__.py"] = ""
            if mixed:
                written[f"{folder}/conftest.py"] = AREA_CONFTEST.format(area=area)
        module = Module(rng, share, failing / 100)
        text = module.write_mixed() if mixed else module.write_trivial()
        written[f"{folder}/test_{rng.choice(NOUNS)}_{i:04d}.py"] = text
        outcomes.update(module.outcomes)
    expected = {"tests": tests, "files": files, "style": style, "seed": seed,
                "failing_percent": failing, "outcomes": dict(sorted(outcomes.items()))}
    written["expected.json"] = json.dumps(expected, indent=1) + "\n"
    for name, text in written.items():
        path = out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return expected


def main() -> int:
    ap = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    ap.add_argument("out", type=Path)
    ap.add_argument("--tests", type=int, default=1000)
    ap.add_argument("--files", type=int)
    ap.add_argument("--style", choices=["trivial", "mixed"], default="mixed")
    ap.add_argument("--seed", type=int, default=0)
    ap.add_argument("--failing", type=float, default=0.0, metavar="PERCENT")
    args = ap.parse_args()
    files = args.files or default_files(args.tests)
    if not 1 <= files <= args.tests:
        ap.error("there must be at least one file, and a test for each")
    if args.out.exists() and any(args.out.iterdir()):
        if not (args.out / "expected.json").exists():
            ap.error(f"{args.out} is not empty and not a suite of this script")
        shutil.rmtree(args.out)
    print(json.dumps(generate(args.out, args.tests, files, args.style, args.seed, args.failing)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
