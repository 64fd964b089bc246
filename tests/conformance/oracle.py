"""Real pytest, asked again and again: one JSON request a line, one JSON answer a line.

pytest is imported once; every request is collected in a forked child (or, where there is no
fork, in a new process), so that no case sees what another one imported.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import site
import subprocess
import sys
import tempfile
from typing import Any

import _pytest.config
import pytest

INVOKE = "import sys, pytest; sys.path.pop(0); sys.exit(pytest.main(sys.argv[1:]))"


def warm_up() -> None:
    """Import what pytest imports when it starts, so that forked children need not."""
    for name in getattr(_pytest.config, "default_plugins", ()):
        with contextlib.suppress(ImportError):
            importlib.import_module(f"_pytest.{name}")


def set_up(request: dict[str, Any]) -> None:
    """Make this process what `pytest` would be, started for the request."""
    os.chdir(request["cwd"])
    os.environ.update(request["env"])
    sys.path.pop(0)  # the script's own folder
    for path in reversed(request["env"].get("PYTHONPATH", "").split(os.pathsep)):
        if path:
            sys.path.insert(0, path)
    if request["site"]:
        site.addsitedir(request["site"])
    sys.argv[:] = ["pytest", *request["args"]]
    sys.dont_write_bytecode = True


def in_child(request: dict[str, Any], out: int, err: int) -> int:
    """Collect in a forked child whose stdout and stderr go to files; the exit code."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        code = 3
        try:
            os.dup2(out, 1)
            os.dup2(err, 2)
            set_up(request)
            code = int(pytest.main(request["args"]))
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def in_process(request: dict[str, Any], out: int, err: int) -> int:
    """The same in a new interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", INVOKE, *request["args"]],
        cwd=request["cwd"],
        env={**os.environ, **request["env"]},
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
    )
    return done.returncode


def answer(request: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        collect = in_child if hasattr(os, "fork") else in_process
        code = collect(request, out.fileno(), err.fileno())
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode(errors="replace"))
    return {"exit": code, "stdout": texts[0], "stderr": texts[1]}


def main() -> None:
    warm_up()
    versions = {"python": "{}.{}".format(*sys.version_info), "pytest": pytest.__version__}
    print(json.dumps(versions), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
