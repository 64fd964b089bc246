"""What real pytest makes of configurations: cases as JSON on stdin, answers as JSON on stdout.

The first line of the output is pytest's version; then comes one line per case.
"""

from __future__ import annotations

import json
import os
import pathlib
import sys
import warnings

import pytest
from _pytest.config import UsageError, get_config

# What a configuration needs to be right about before pytest collects.
EAGER = (
    "python_files",
    "python_classes",
    "python_functions",
    "norecursedirs",
    "usefixtures",
    "markers",
    "collect_imported_tests",
    "consider_namespace_packages",
    "strict_markers",
    "strict",
    "strict_parametrization_ids",
    "pythonpath",
    "required_plugins",
    "testpaths",
    "empty_parameter_set_mark",
    "cache_dir",
)
OPTIONS = (
    "keyword",
    "markexpr",
    "verbose",
    "ignore",
    "ignore_glob",
    "deselect",
    "maxfail",
    "plugins",
    "importmode",
    "pyargs",
    "keepduplicates",
    "collectonly",
    "reportchars",
    "tbstyle",
    "capture",
    "durations",
    "doctestglob",
    "doctestmodules",
    "color",
    "lf",
    "failedfirst",
    "newfirst",
    "stepwise",
    "showlocals",
    "noconftest",
    "continue_on_collection_errors",
)


def plain(value):
    if isinstance(value, (list, tuple)):
        return [str(plain(item)) for item in value]
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    return value


def read_ini(config, name):
    try:
        return plain(config.getini(name))
    except Exception:
        return {"error": True}


def parse(case):
    os.chdir(case["cwd"])
    os.environ.pop("PYTEST_ADDOPTS", None)
    os.environ.update(case["env"])
    if case["alone"]:
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    argv = list(case["argv"])
    config = get_config(argv)
    own = {"addopts", "minversion", "pythonpath", "required_plugins", *config._parser._inidict}
    try:
        config.pluginmanager.hook.pytest_cmdline_parse(pluginmanager=config.pluginmanager, args=argv)
        known = config._parser._inidict
        for name in EAGER:
            if name in known:
                config.getini(name)
        if config.getini("empty_parameter_set_mark") not in ("", None, "skip", "xfail", "fail_at_collect"):
            raise UsageError("empty_parameter_set_mark")
        config.option.plugins = [name.strip() for name in config.option.plugins]
        config.option.maxfail = config.option.maxfail or None
        return {
            "rootdir": str(config.rootpath),
            "inipath": str(config.inipath) if config.inipath else None,
            "args": config.args,
            "source": config.args_source.name.replace("INCOVATION", "INVOCATION"),
            "ini": {name: read_ini(config, name) for name in sorted(known) if case["alone"] or name in own},
            "options": {name: plain(getattr(config.option, name)) for name in OPTIONS if hasattr(config.option, name)},
        }
    finally:
        config._ensure_unconfigure()


def answer(case):
    path = list(sys.path)
    try:
        return parse(case)
    except BaseException as error:  # noqa: BLE001 - pytest.fail raises a BaseException
        return {"error": str(error) or repr(error)}
    finally:
        sys.path[:] = path
        for name in case["env"]:
            os.environ.pop(name, None)


def main():
    sys.dont_write_bytecode = True
    warnings.simplefilter("ignore")
    print(json.dumps(pytest.__version__))
    for case in json.load(sys.stdin):
        print(json.dumps(answer(case)))


if __name__ == "__main__":
    main()
