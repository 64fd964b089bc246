# Every function is parametrized in its own way; pytest's ids are the expectation. What follows
# `# unknown` cannot be known without running Python, and must not be guessed.
import codecs
import collections
import datetime
import decimal
import enum
import fractions
import functools
import io
import itertools
import logging
import math
import operator
import os
import pathlib
import pickle
import re
import string
import sys
import uuid
from dataclasses import dataclass
from enum import Enum, IntEnum
from enum import auto

import pytest
from pytest import mark, param

ONE, (TWO, THREE) = 1, (2, 3)
WORDS = ["alpha", "beta"] + ["gamma"]
TABLE = {"low": 1, "high": 2}
TABLE2 = {**TABLE, "low": 3, 4: None}
slow = pytest.mark.slow
rows = pytest.mark.parametrize("x", [1, 2])
P = pytest.mark.parametrize


class Color(Enum):
    RED = 1
    GREEN = "g"
    CRIMSON = 1

    def describe(self):
        return self.name


class Number(IntEnum):
    ONE = 1
    TWO = 2


class Text(str, Enum):
    A = "a-value"
    B = "b-value"


class IntMix(int, Enum):
    A = 1


class Perm(enum.Flag):
    R = auto()
    W = auto()
    X = auto()


class IntPerm(enum.IntFlag):
    R = 4
    W = 2


class Auto(Enum):
    A = auto()
    B = auto()
    C = 10
    D = auto()


class Written(Enum):
    A = 1

    def __str__(self):
        return "written"


class Plain:
    attribute = "class constant"

    def __init__(self, x=0):
        self.x = x


@dataclass
class Data:
    x: int = 1


class Holder:
    VALUES = [1, "two"]

    class Inner:
        pass

    @pytest.mark.parametrize("x", VALUES)
    def test_in_class(self, x):
        pass


class Callable:
    def __init__(self, f):
        functools.update_wrapper(self, f)

    def __call__(self):
        pass


def function():
    pass


def named(value):
    return "never seen"


async def coroutine():
    pass


@P("x", [0, 1, -1, 10**20, 0x10, 1_000, True, False, None, ...])
def test_scalars(x): pass


@P("x", [0.0, -0.0, 1.5, 1e16, 1e15, 123456789012345678.0, 1e-4, 1e-5, 1.5e300, 0.1, 5e-324, math.inf, -math.inf, math.nan, float("1e3"), 1/3])
def test_floats(x): pass


@P("x", [1j, 1 + 2j, 1 - 2j, -1j, 0.5 + 1e20j, complex(1, 2)])
def test_complex(x): pass


@P("x", ["", "a b", "a\nb\t\r", "é", "日本", "😀", "a\\b", "\x00\x7f\x80", "a-b", "[x]", "::", "'\""])
def test_strings(x): pass


@P("x", [b"", b"abc", b"\x00\xff\n\\", bytes([1, 2, 65]), "é".encode(), "a".encode("latin-1")])
def test_bytes(x): pass


@P("x", ["a" * 100, "a" * 101, b"b" * 101, "é" * 100])
def test_long(x): pass


@P("x", ["a", "a", "a0", "a1", 1, 1, "", ""])
def test_duplicates(x): pass


@P("x", [1, 1, "1_0"])
def test_duplicates_of_digits(x): pass


@P("x", [int, str, function, coroutine, Plain, Holder.Inner, Data, os, len, pytest, pathlib.Path, lambda: 0, Enum, ValueError, IOError])
def test_named(x): pass


# unknown
@P("x", [os.path])
def test_module_of_another_name(x): pass


@P("x", [Color.RED, Color.GREEN, Color.CRIMSON, Color["RED"], Color("g"), Number.ONE, Text.A, IntMix.A, Perm.R, IntPerm.R, Auto.A])
def test_enum_members(x): pass


@P("x", Color)
def test_enum_iterated(x): pass


@P("x", list(Text))
def test_str_enum_iterated(x): pass


@P("x", [m.value for m in Color])
def test_enum_values(x): pass


@P("x", [m.value for m in Auto])
def test_auto_values(x): pass


@P("x", [m.value for m in Perm])
def test_flag_values(x): pass


@P("x", [m.name for m in Number if m > 1])
def test_enum_names(x): pass


@P("x", [Color.RED.value, Color.RED.name, Text.B.value, Plain.attribute, Holder.VALUES[1], function.__name__, Plain.__name__])
def test_attributes(x): pass


# unknown
@P("x", [Written.A])
def test_enum_that_writes_itself(x): pass


@P("x", [Plain(), Plain(1), Data(), object(), [1], (1, 2), {1}, {"a": 1}, set(), range(3), iter([1]), frozenset([1])])
def test_objects(x): pass


@P("x", [datetime.date(2020, 1, 1), datetime.timedelta(1), decimal.Decimal("1.5"), fractions.Fraction(1, 2), pathlib.Path("a"), uuid.UUID(int=1), io.BytesIO(b""), collections.OrderedDict(a=1), collections.deque(), functools.partial(int, "1"), ValueError("x"), bytearray(b"a")])
def test_standard_objects(x): pass


@P("x", [re.compile("a+é"), re.compile(b"\xff"), re.compile("x", re.I)])
def test_patterns(x): pass


# unknown
@P("x", [Callable(function)])
def test_stand_in_for_a_function(x): pass


# unknown
@P("x", [function()])
def test_called_function(x): pass


# unknown
@P("x", {1, 2})
def test_set_order(x): pass


# unknown
@P("x", os.listdir("/"))
def test_run_time_values(x): pass


@P("x", {1})
def test_set_of_one(x): pass


@P("x", TABLE)
def test_dict_keys(x): pass


@P("x,y", TABLE.items())
def test_dict_items(x, y): pass


@P("x, y", TABLE2.items())
def test_merged_dict(x, y): pass


@P("x", TABLE.values())
def test_dict_values(x): pass


@P("x", "abc")
def test_characters(x): pass


@P("x", b"ab")
def test_byte_numbers(x): pass


@P("x", range(5, 0, -2))
def test_range(x): pass


@P("x", [])
def test_empty(x): pass


@P("x, y", [])
def test_empty_pair(x, y): pass


@P("x", [], ids=[])
def test_empty_with_ids(x): pass


@P("x, y", [(1, 2), [3, "a"], "bc", {"k": 1, "l": 2}, range(2)])
def test_rows(x, y): pass


@P(("x", "y"), [(1, 2)])
def test_tuple_of_names(x, y): pass


@P(["x"], [(1,), [2]])
def test_list_of_one_name(x): pass


@P("x,", [(1,), [2]])
def test_trailing_comma(x): pass


@P(" x , y ", [(1, (2, 3)), (Plain(), None)])
def test_blanks_in_names(x, y): pass


@P(argnames="x", argvalues=[1, 2])
def test_keywords(x): pass


@P("x", (1, 2), ids=("a", "b"))
def test_ids(x): pass


@P("x", [1, 2, 3, 4, 5, 6], ids=["a", None, 3, 1.5, True, Color.RED])
def test_ids_of_kinds(x): pass


@P("x", [1, 2, 3, 4], ids=[b"\xff", "é", function, re.compile("r")])
def test_ids_of_more_kinds(x): pass


@P("x", [1, 2], ids=(f"id{i}" for i in range(2)))
def test_ids_of_a_generator(x): pass


@P("x", [1, 2], ids="ab")
def test_ids_of_a_string(x): pass


@P("x", [1, 2], ids=[])
def test_ids_empty(x): pass


@P("x", [1, 2], ids=["same", "same"])
def test_ids_equal(x): pass


@P("x", [function(), function()], ids=["a", "b"])
def test_ids_of_unknown_values(x): pass


@P("x, y", [(function(), 1), (2, function())], ids=["a", "b"])
def test_ids_of_unknown_pairs(x, y): pass


@P("x", [1.0, "é", None, [1, 'a"'], (1,), {"k": b"v"}, set(), int, {1: {2}}], ids=repr)
def test_ids_repr(x): pass


@P("x", [1.0, "é", None, [1, "a'"], (), Color.RED, Number.ONE, True], ids=str)
def test_ids_str(x): pass


@P("x, y", [(1, "a"), (2, "b")], ids=lambda v: f"<{v}>")
def test_ids_lambda(x, y): pass


@P("x", [1, "a", None], ids=lambda v: v if isinstance(v, str) else None)
def test_ids_lambda_isinstance(x): pass


@P("x", [1, 2], ids=lambda v: None)
def test_ids_lambda_none(x): pass


@P("x", [1, 2], ids=lambda v: [v])
def test_ids_lambda_list(x): pass


@P("x", [Color.RED, Color.GREEN], ids=lambda c: c.name.lower())
def test_ids_lambda_attribute(x): pass


@P("x", [{"name": "n1"}, {"name": "n2"}], ids=lambda d: d["name"])
def test_ids_lambda_subscript(x): pass


@P("x", [int, str], ids=lambda t: t.__name__)
def test_ids_lambda_name(x): pass


# unknown
@P("x", [1, 2], ids=named)
def test_ids_function(x): pass


@P("x", ["a b", "C"], ids=len)
def test_ids_len(x): pass


@P("x", ["ab", "C"], ids=str.upper)
def test_ids_unbound_method(x): pass


@P("x", [1, 2], ids="{}!".format)
def test_ids_bound_method(x): pass


@P("x", [pytest.param(1, id="one"), param(2, marks=mark.skip), 3, param(4, id="é", marks=[mark.xfail, slow])])
def test_param(x): pass


@P("x, y", [pytest.param(1, 2, id="one"), (3, 4), pytest.param(*[5, 6], marks=pytest.mark.skipif(True, reason=""))])
def test_param_pairs(x, y): pass


@P("x", [pytest.param(function(), id="one"), pytest.param(function(), id="two", marks=function and slow)])
def test_param_of_unknown_values(x): pass


@P("x", [pytest.param(1, id="a"), pytest.param(2)], ids=["ignored", "b"])
def test_param_over_ids(x): pass


@P("x", [pytest.param(1, id=pytest.HIDDEN_PARAM), 2])
def test_hidden(x): pass


@P("x", [1, 2], ids=[pytest.HIDDEN_PARAM, "b"])
def test_hidden_in_ids(x): pass


@rows
def test_mark_of_a_module(x): pass


@P("x", [1, 2])
@P("y", ["a"])
def test_stacked(x, y): pass


@P("x", [*WORDS, *range(2)])
def test_stars(x): pass


@P("x", [ONE, TWO, THREE, -ONE, ONE + TWO, TWO ** 10, 7 // -2, 7 % -3, 1 << 40, ~5, 5 & 3, 5 | 8, 5 ^ 1, 7 / 2, not ONE, +THREE])
def test_arithmetic(x): pass


@P("x", [1.5 + 1, 2 * 0.5, -1.5, 3 - 0.1, 1e3 / 3])
def test_float_arithmetic(x): pass


@P("x", ["a" + "b", "ab" * 2, "%s-%d" % ("x", 3), "%s" % 1.5, "%r" % "q", "%%", "%05d|%x|%.2f" % (42, 255, 1.005), "%(a)s" % {"a": 1}, f"{ONE}-{WORDS[0]}", f"{1.0}{None}"])
def test_text_operators(x): pass


@P("x", ["{}-{}".format(1, "a"), "{1}{0}".format(1, 2), "{a!r}".format(a="x"), "{:.3f}".format(2.0), "{:03d}".format(7), "{{}}".format()])
def test_format(x): pass


@P("x", [",".join(["a", "b"]), "a,b".split(",")[1], "Ab".upper(), "Ab".lower(), " a ".strip(), "aXb".replace("X", "-"), "abc".startswith("ab"), "abc"[1], "abc"[-1], "abc"[::-1], "abc"[1:], "a b".title(), "x".zfill(3)])
def test_str_methods(x): pass


@P("x", [len(WORDS), min(3, 1), max([1, 5, 2]), sum([1, 2]), sorted([3, 1])[0], sorted("ba", reverse=True)[0], abs(-3), any([0, 1]), all([]), round(3), chr(65), ord("a"), hex(255), bool([]), int("12"), int("ff", 16), float("1.5"), str(1.0), repr("a"), divmod(7, 2)[1]])
def test_builtins(x): pass


@P("x", [1 if TWO > 1 else 2, ONE and "and", 0 or "or", 1 < 2 < 3, "a" in "abc", 3 not in [1, 2], None is None, (1, 2) == (1, 2.0), 1 == True, "a" < "b", [1, 2] < [1, 3]])
def test_logic(x): pass


@P("x", [x * 2 for x in range(4) if x % 2])
def test_comprehension(x): pass


@P("x,y", [(x, y) for x in "ab" for y in range(2) if (x, y) != ("a", 0)])
def test_nested_comprehension(x, y): pass


@P("x,y", ((k, v) for k, v in TABLE.items()))
def test_generator(x, y): pass


@P("x", sorted({k: v for v, k in enumerate(WORDS)}))
def test_dict_comprehension(x): pass


@P("x,y", itertools.product([1, 2], "ab"))
def test_product(x, y): pass


@P("x,y", list(itertools.combinations(range(3), 2)))
def test_combinations(x, y): pass


@P("x,y", itertools.permutations("abc", 2))
def test_permutations(x, y): pass


@P("x", itertools.chain([1], (2, 3)))
def test_chain(x): pass


@P("x,y", zip([1, 2, 3], "ab"))
def test_zip(x, y): pass


@P("x,y", enumerate("ab", 1))
def test_enumerate(x, y): pass


@P("x", map(str, [1, 2.0]))
def test_map(x): pass


@P("x", list(map(lambda v: v + 1, [1, 2])))
def test_map_lambda(x): pass


@P("x", list(filter(None, [0, 1, "", "a"])))
def test_filter(x): pass


@P("x", reversed([1, 2]))
def test_reversed(x): pass


@P("x", [string.ascii_letters, string.digits[:2], sys.platform, os.sep, sys.maxsize, logging.INFO, math.pi])
def test_constants_of_the_standard_library(x): pass


@P("x", ["new" if sys.version_info >= (3, 8) else "old", sys.version_info[0]])
def test_version(x): pass


@P("x", [TABLE["low"], TABLE.get("none"), TABLE.get("none", 5), WORDS[-1], WORDS[0:2][1], (1, 2, 3)[::2][1]])
def test_subscripts(x): pass


@P("x", [dict(a=1)["a"], dict([("k", 2)])["k"], (TABLE | {"new": 9})["new"], list("ab")[1], tuple([1])[0], len({1, 1.0, True}), len(set("aab"))])
def test_containers(x): pass


@P("x", [getattr(Color, "RED"), getattr(pytest.mark, "skip").name])
def test_getattr(x): pass


@P("x", [type(1), type("a"), type(None)])
def test_types(x): pass


@P("x", [-0.0 + 0, 0 * -1.5, 2 ** -1])
def test_unsure_floats(x): pass


@P("x", [9007199254740993 * 1.0])
def test_large_int_times_float(x): pass


@P("x", [operator.add, operator.itemgetter(1), itertools.count, functools.reduce])
def test_standard_functions(x): pass


@P("x", [list[int], dict[str, int], tuple[int, ...], type[int]])
def test_generics(x): pass


# unknown
@P("x", [list[int] == list[str]])
def test_generics_compared(x): pass


@P("x", [pickle.HIGHEST_PROTOCOL, codecs.BOM_UTF8, datetime.timezone.utc, datetime.datetime.max, datetime.datetime.now()])
def test_more_constants(x): pass


@P("x", [Plain] * 2 + [None] * 2)
def test_repeated_rows(x): pass


@P("x", "a")
@P("y", [Color.RED], ids=["é"])
def test_stacked_marks(x, y): pass


@pytest.fixture(params=[1, "a", pytest.param(2, id="two"), None, Plain()])
def fixed(request): pass


def test_fixture(fixed): pass


@pytest.fixture(params=(0, 1), ids=["zero", "one"])
def fixed_ids(request): pass


def test_fixture_ids(fixed_ids): pass


@pytest.fixture(params=[(1, 2), 3], ids=repr)
def fixed_repr(request): pass


def test_fixture_repr(fixed_repr): pass


@pytest.fixture(params=Color)
def fixed_enum(request): pass


def test_fixture_enum(fixed_enum): pass


@pytest.fixture(params=[])
def fixed_empty(request): pass


def test_fixture_empty(fixed_empty): pass
