#!/usr/bin/env python3
"""Print where and how a prepared project is collected, one thing a line.

    show_settings.py CACHE NAME

Lines are `cwd PATH`, `env NAME=VALUE` (what the project adds or changes) and `arg ARGUMENT`.
"""
from __future__ import annotations

import os
import sys
from pathlib import Path

from baseline import settings
from prepare import HERE, load_corpus


def main() -> int:
    cache, name = Path(sys.argv[1]).resolve(), sys.argv[2]
    (project,) = load_corpus(HERE / "corpus.toml", [name])
    cwd, env, args = settings(project, cache)
    print("cwd", cwd)
    for key, value in env.items():
        if os.environ.get(key) != value:
            print(f"env {key}={value}")
    for arg in args:
        print("arg", arg)
    return 0


if __name__ == "__main__":
    sys.exit(main())
