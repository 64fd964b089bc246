#!/usr/bin/env python3
"""Download, unpack and install the projects of corpus.toml.

    prepare.py CACHE [--only NAME ...] [--set dev|heldout] [--quick] [--jobs N] [--force]

For each project this makes, under the folder CACHE:

    dist/NAME/     the pinned sdist or wheel, as pip downloaded it
    src/NAME/      the unpacked archive (its single top folder stripped)
    venv/NAME/     a virtual environment with the project, its test
                   requirements and pytest
    stamp/NAME.json  what the three were made from

A project whose stamp matches its entry in corpus.toml is left alone, so the
script can be run again at any time.  Needs only the standard library (Python
3.11+) and the pip of the virtual environments it makes.

Keys of a [[project]] read here (see the head of corpus.toml for all of them):
name, version, source, sha256, install, requirements, and the folder locks/
beside corpus.toml, whose NAME.txt pins every package of that environment.
"""
from __future__ import annotations

import argparse
import concurrent.futures
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import tomllib

HERE = Path(__file__).resolve().parent


class PrepareError(Exception):
    """One project could not be prepared; the others go on."""


def load_toml(path: Path) -> dict[str, Any]:
    with open(path, "rb") as f:
        return tomllib.load(f)


def load_corpus(path: Path, only: list[str] | None = None, subset: str | None = None,
                quick: bool = False) -> list[dict[str, Any]]:
    """The chosen projects, each merged with [defaults]."""
    corpus = load_toml(path)
    defaults = corpus.get("defaults", {})
    projects = [{**defaults, **p, "env": {**defaults.get("env", {}), **p.get("env", {})}}
                for p in corpus["project"]]
    if only:
        unknown = set(only) - {p["name"] for p in projects}
        if unknown:
            raise SystemExit(f"not in {path}: {', '.join(sorted(unknown))}")
        projects = [p for p in projects if p["name"] in only]
    if subset:
        projects = [p for p in projects if p.get("set") == subset]
    if quick:
        projects = [p for p in projects if p.get("quick")]
    return projects


def run(log: Path, *command: str | os.PathLike) -> None:
    """Run a command, appending what it says to log; raise when it fails."""
    with open(log, "ab") as f:
        f.write(("$ " + " ".join(map(str, command)) + "\n").encode())
        f.flush()
        rc = subprocess.run(command, stdout=f, stderr=subprocess.STDOUT,
                            stdin=subprocess.DEVNULL).returncode
    if rc:
        tail = log.read_text(errors="replace").splitlines()[-8:]
        raise PrepareError(f"exit {rc}, see {log}:\n    " + "\n    ".join(tail))


def lock_file(project: dict[str, Any], corpus: Path) -> Path | None:
    path = corpus.parent / "locks" / f"{project['name']}.txt"
    return path if path.exists() else None


def stamp_of(project: dict[str, Any], lock: Path | None) -> dict[str, Any]:
    keys = ("name", "version", "source", "sha256", "install", "requirements", "pytest")
    stamp = {k: project.get(k) for k in keys}
    stamp["python"] = sys.version.split()[0]
    stamp["lock"] = hashlib.sha256(lock.read_bytes()).hexdigest() if lock else None
    return stamp


def download(project: dict[str, Any], dest: Path, log: Path) -> Path:
    """Fetch the pinned archive with pip and check its digest."""
    name, version = project["name"], project["version"]
    kind = project.get("source", "sdist")
    have = list(dest.glob("*")) if dest.exists() else []
    if len(have) != 1:
        shutil.rmtree(dest, ignore_errors=True)
        dest.mkdir(parents=True)
        choice = "--no-binary" if kind == "sdist" else "--only-binary"
        run(log, sys.executable, "-m", "pip", "download", "-q", "--no-deps",
            choice, name, "-d", dest, f"{name}=={version}")
        have = list(dest.glob("*"))
    if len(have) != 1:
        raise PrepareError(f"expected one archive in {dest}, found {len(have)}")
    digest = hashlib.sha256(have[0].read_bytes()).hexdigest()
    if project.get("sha256") and digest != project["sha256"]:
        raise PrepareError(f"{have[0].name}: sha256 is {digest}, not {project['sha256']}")
    return have[0]


def unpack(archive: Path, dest: Path) -> None:
    """Unpack an sdist into dest without its top folder (a wheel: nothing to do)."""
    shutil.rmtree(dest, ignore_errors=True)
    dest.mkdir(parents=True)
    if archive.suffix == ".whl":
        return  # its tests are run from site-packages; dest is only the cwd
    scratch = dest.with_name(dest.name + ".unpacking")
    shutil.rmtree(scratch, ignore_errors=True)
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as z:
            z.extractall(scratch)
    else:
        with tarfile.open(archive) as t:
            t.extractall(scratch, filter="data")
    tops = list(scratch.iterdir())
    root = tops[0] if len(tops) == 1 and tops[0].is_dir() else scratch
    dest.rmdir()
    root.rename(dest)
    shutil.rmtree(scratch, ignore_errors=True)


def install(project: dict[str, Any], archive: Path, src: Path, venv: Path,
            lock: Path | None, log: Path) -> None:
    """Make the virtual environment and install project, requirements, pytest."""
    shutil.rmtree(venv, ignore_errors=True)
    run(log, sys.executable, "-m", "venv", venv)
    how = project.get("install", "wheel")
    targets = {
        "wheel": [f"{project['name']}=={project['version']}"],
        "source": [str(src)],
        "editable": ["-e", str(src)],
    }[how]
    if archive.suffix == ".whl":
        targets = [str(archive)]
    constraints = ["-c", str(lock)] if lock else []
    run(log, venv / "bin/python", "-m", "pip", "install", "-q", "--no-compile",
        *constraints, *targets, *project.get("requirements", []), project["pytest"])


def prepare(project: dict[str, Any], corpus: Path, cache: Path, force: bool) -> str:
    name = project["name"]
    lock = lock_file(project, corpus)
    stamp_path = cache / "stamp" / f"{name}.json"
    stamp = stamp_of(project, lock)
    if not force and stamp_path.exists() and json.loads(stamp_path.read_text()) == stamp:
        return "up to date"
    for folder in ("stamp", "log", "src", "venv"):
        (cache / folder).mkdir(parents=True, exist_ok=True)
    stamp_path.unlink(missing_ok=True)
    log = cache / "log" / f"{name}.prepare.log"
    log.unlink(missing_ok=True)
    archive = download(project, cache / "dist" / name, log)
    unpack(archive, cache / "src" / name)
    install(project, archive, cache / "src" / name, cache / "venv" / name, lock, log)
    stamp_path.write_text(json.dumps(stamp, indent=1) + "\n")
    return f"prepared from {archive.name}"


def main() -> int:
    ap = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    ap.add_argument("cache", type=Path, help="folder to build everything in")
    ap.add_argument("--corpus", type=Path, default=HERE / "corpus.toml")
    ap.add_argument("--only", action="append", metavar="NAME", help="may be repeated")
    ap.add_argument("--set", dest="subset", help="only projects of this set")
    ap.add_argument("--quick", action="store_true", help="only projects marked quick")
    ap.add_argument("--jobs", type=int, default=2)
    ap.add_argument("--force", action="store_true", help="rebuild even if up to date")
    args = ap.parse_args()
    cache = args.cache.resolve()
    projects = load_corpus(args.corpus, args.only, args.subset, args.quick)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        work = {pool.submit(prepare, p, args.corpus.resolve(), cache, args.force): p["name"]
                for p in projects}
        for done in concurrent.futures.as_completed(work):
            try:
                print(f"{work[done]}: {done.result()}", flush=True)
            except PrepareError as e:
                failed += 1
                print(f"{work[done]}: FAILED, {e}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
