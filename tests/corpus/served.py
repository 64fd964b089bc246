#!/usr/bin/env python3
"""Compare what the language server discovers with what the command line lists, over the corpus.

    served.py CACHE --binary fastest-lsp [--only NAME ...] [--quick]

CACHE is the folder prepare.py filled.  For each project this asks one process of BINARY for all
test items, level by level (`fastest/discoverTests` of docs/test-protocol.md), and another for

    BINARY --collect-only --format json ...

and prints how many tests each has and what only one of them has.  A test is its node id and
whether it is certain.  Files of which only running Python can tell whether they hold tests are
items of the command line alone: the server has them as files.  The exit status is 1 if anything
differs.  Standard library only (Python 3.11+).
"""
from __future__ import annotations

import argparse
import collections
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from baseline import settings
from prepare import HERE, load_corpus

Message = dict[str, Any]
Tests = collections.Counter[tuple[str, str]]


class Server:
    """A language server over its standard streams."""

    def __init__(self, binary: Path, cwd: Path, env: dict[str, str]) -> None:
        """Start it."""
        self._process = subprocess.Popen([binary], cwd=cwd, env=env, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._asked = 0

    def notify(self, method: str, params: Message | None) -> None:
        """Send a notification."""
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Message | None) -> Any:
        """Send a request; its result.  What the server asks meanwhile is answered with null."""
        self._asked += 1
        self._send({"id": self._asked, "method": method, "params": params})
        while True:
            message = self._receive()
            if "method" in message:
                if "id" in message:
                    self._send({"id": message["id"], "result": None})
            elif message["id"] == self._asked:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]

    def end(self) -> None:
        """Shut it down; a server that does not end is killed."""
        try:
            self.ask("shutdown", None)
            self.notify("exit", None)
            self._process.wait(10)
        finally:
            self._process.kill()
            self._process.wait()

    def _send(self, message: Message) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _receive(self) -> Message:
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise RuntimeError("the server has ended")
        message: Message = json.loads(self._process.stdout.read(length))
        return message


def served(binary: Path, cwd: Path, env: dict[str, str], args: list[str]) -> Tests:
    """What the server discovers."""
    server = Server(binary, cwd, env)
    try:
        root = cwd.as_uri()
        server.ask("initialize", {
            "processId": os.getpid(), "rootUri": root,
            "workspaceFolders": [{"uri": root, "name": cwd.name}],
            "capabilities": {"experimental": {"fastest": {"testItems": 2}}},
            "initializationOptions": {"interpreter": env["VIRTUAL_ENV"] + "/bin/python",
                                      "args": args, "trusted": False},
        })
        server.notify("initialized", {})
        items: dict[str, Message] = {}
        waiting: list[Message] = [{}]
        while waiting:
            found = server.ask("fastest/discoverTests", waiting.pop())["items"]
            fresh = [item for item in found if item["id"] not in items]
            items.update((item["id"], item) for item in found)
            waiting += [{"itemId": item["id"]} for item in fresh if item["canResolveChildren"]]
    finally:
        server.end()
    held = {item["parent"] for item in items.values()}
    tests = (item for item in items.values()
             if item["kind"] in ("function", "case") and item["id"] not in held)
    return collections.Counter((item["nodeId"], item["certainty"]) for item in tests)


def listed(binary: Path, cwd: Path, env: dict[str, str], args: list[str]) -> Tests:
    """What the command line lists, without whole files."""
    python = env["VIRTUAL_ENV"] + "/bin/python"
    command = [str(binary), "--collect-only", "--format", "json", "--python", python, *args]
    run = subprocess.run(command, cwd=cwd, env=env, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=False)
    items = json.loads(run.stdout)["items"]
    return collections.Counter(
        (item["nodeid"], item["certainty"]) for item in items if "::" in item["nodeid"])


def compare(project: Message, cache: Path, binary: Path) -> bool:
    """Print a project's line; whether nothing differs."""
    cwd, env, args = settings(project, cache)
    env = {**env, "VIRTUAL_ENV": str(cache / "venv" / project["name"])}
    line, server = listed(binary, cwd, env, args), served(binary, cwd, env, args)
    print(f"{project['name']:16}{line.total():>8}{server.total():>8}", flush=True)
    for name, only in (("listed", line - server), ("served", server - line)):
        for nodeid, certainty in sorted(only)[:5]:
            print(f"    only {name}: {nodeid} ({certainty})")
    return line == server


def main() -> int:
    """Compare the projects that are named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("cache", type=Path, help="the folder prepare.py filled")
    parser.add_argument("--binary", type=Path, required=True, help="fastest-lsp")
    parser.add_argument("--only", action="append", metavar="NAME", help="may be repeated")
    parser.add_argument("--quick", action="store_true", help="only projects marked quick")
    options = parser.parse_args()
    cache, binary = options.cache.resolve(), options.binary.resolve()
    projects = load_corpus(HERE / "corpus.toml", options.only, quick=options.quick)
    print(f"{'project':16}{'listed':>8}{'served':>8}")
    differing = [p["name"] for p in projects if not compare(p, cache, binary)]
    print(f"{len(differing)} of {len(projects)} projects differ", *differing)
    return bool(differing)


if __name__ == "__main__":
    sys.exit(main())
