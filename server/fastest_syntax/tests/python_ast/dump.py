"""Prints what Python's own `ast` knows of its standard library, one statement a line.

Each file is announced by `=== path`; `tests/python_ast.rs` prints the same of what `scan` reads.
"""

import ast
import pathlib
import re
import sys
import sysconfig
import warnings

SKIPPED = {"test", "tests", "site-packages", "lib2to3", "idlelib", "__pycache__"}
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BLOCKS = {
    "If": "If", "For": "For", "AsyncFor": "For", "While": "While", "With": "With",
    "AsyncWith": "With", "Try": "Try", "TryStar": "Try", "Match": "Match",
}


class Dump:
    def __init__(self, source):
        self.source = source
        self.lines = [0] + [m.end() for m in re.finditer(rb"\r\n|\r|\n", source)]
        self.out = []

    def start(self, node):
        decorators = getattr(node, "decorator_list", [])
        at = self.lines[node.lineno - 1] + node.col_offset
        if decorators:
            first = decorators[0]
            at = self.source.rindex(b"@", 0, self.lines[first.lineno - 1] + first.col_offset)
        return at

    def span(self, node):
        return f"{self.start(node)}-{self.lines[node.end_lineno - 1] + node.end_col_offset}"

    def params(self, args):
        positional = args.posonlyargs + args.args
        required = len(positional) - len(args.defaults)
        for at, arg in enumerate(positional):
            kind = "/" if at < len(args.posonlyargs) else ""
            yield kind + arg.arg + ("=" if at >= required else "")
        if args.vararg:
            yield "*" + args.vararg.arg
        for arg, default in zip(args.kwonlyargs, args.kw_defaults):
            yield "!" + arg.arg + ("=" if default else "")
        if args.kwarg:
            yield "**" + args.kwarg.arg

    def yields(self, node):
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if isinstance(node, DEFINITIONS):
            return any(self.yields(each) for each in node.decorator_list)
        if isinstance(node, (ast.Lambda, ast.ClassDef)):
            return False
        return any(self.yields(child) for child in ast.iter_child_nodes(node))

    def say(self, depth, *words):
        self.out.append(" " * depth + " ".join(map(str, words)))

    def spans(self, nodes):
        return "[" + ",".join(map(self.span, nodes)) + "]"

    def body(self, statements, depth):
        for statement in statements:
            self.statement(statement, depth)

    def statement(self, node, depth):
        kind = type(node).__name__
        if isinstance(node, DEFINITIONS):
            gen = any(self.yields(each) for each in node.body)
            flags = ("async " if kind[0] == "A" else "") + ("generator" if gen else "plain")
            params = ",".join(self.params(node.args))
            deco = self.spans(node.decorator_list)
            self.say(depth, "def", node.name, self.span(node), flags, f"({params})", deco)
        elif kind == "ClassDef":
            deco = self.spans(node.decorator_list)
            keywords = ",".join(k.arg or "**" for k in node.keywords)
            self.say(depth, "class", node.name, self.span(node), deco, self.spans(node.bases), f"({keywords})")
            self.body(node.body, depth + 1)
        elif kind in ("Import", "ImportFrom"):
            names = ",".join(a.name + (f" as {a.asname}" if a.asname else "") for a in node.names)
            where = "." * node.level + (node.module or "") if kind == "ImportFrom" else "-"
            self.say(depth, "import", where, names)
        elif kind in ("Assign", "AugAssign", "AnnAssign"):
            targets = node.targets if kind == "Assign" else [node.target]
            value = self.span(node.value) if node.value else "-"
            self.say(depth, "assign", self.span(node), self.spans(targets), value)
        elif kind == "Delete":
            self.say(depth, "del", self.spans(node.targets))
        elif kind == "Raise":
            self.say(depth, "raise", self.span(node.exc) if node.exc else "-")
        elif kind == "Expr":
            if not isinstance(node.value, ast.Constant):
                self.say(depth, "expr", self.span(node.value))
        elif kind in BLOCKS:
            self.say(depth, BLOCKS[kind], self.span(node))
            for suite in self.suites(node):
                self.say(depth, "-")
                self.body(suite, depth + 1)
        elif kind != "Pass":
            self.say(depth, "other", self.span(node))

    def suites(self, node):
        if hasattr(node, "cases"):
            yield from (case.body for case in node.cases)
            return
        yield node.body
        yield from (handler.body for handler in getattr(node, "handlers", []))
        orelse = getattr(node, "orelse", [])
        first = orelse[0] if orelse else None
        if isinstance(node, ast.If) and isinstance(first, ast.If) and self.is_elif(first):
            yield from self.suites(first)
        elif orelse:
            yield orelse
        if getattr(node, "finalbody", []):
            yield node.finalbody

    def is_elif(self, node):
        return self.source.startswith(b"elif", self.start(node))


def main():
    warnings.simplefilter("ignore")
    root = pathlib.Path(sysconfig.get_path("stdlib"))
    sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    for path in sorted(root.rglob("*.py")):
        if SKIPPED & set(path.relative_to(root).parts):
            continue
        source = path.read_bytes()
        try:
            source.decode("utf-8")
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            continue
        dump = Dump(source)
        dump.body(tree.body, 0)
        print(f"=== {path}", *dump.out, sep="\n")


main()
