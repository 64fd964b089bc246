"""What a worker is told before it starts: the message ``configure``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from fastest_harness.channel import Message


class Measured(NamedTuple):
    """What coverage measures; ``None`` leaves it to its configuration."""

    source: list[str] | None
    fallback: list[str]
    """The source where neither ``source`` nor the configuration names one."""

    branch: bool | None
    config_file: str
    append: bool
    contexts: str | None
    """Whether the tests that covered a line are recorded: by ``phase``, as pytest-cov does, or as
    a whole (``test``)."""

    data_file: str | None
    """Where data are kept that are not the project's own."""

    @staticmethod
    def of_message(message: Message) -> Measured:
        """The part of a message that says so."""
        return Measured(
            source=message["source"],
            fallback=list(message["fallback"]),
            branch=True if message["branch"] else None,
            config_file=message["config_file"],
            append=message["append"],
            contexts=message["contexts"],
            data_file=message["data_file"],
        )


class Settings(NamedTuple):
    """The message ``configure``, checked."""

    args: list[str]
    """pytest's own arguments, as the user gave them."""

    worker: str | None
    """xdist's name of this worker (``gw0``), ``None`` for one that runs alone."""

    workers: int
    """How many workers share the run."""

    run_uid: str
    """The same in all workers of a run."""

    cwd_on_path: bool
    """Whether ``sys.path`` starts with the working directory, as with ``python -m pytest``."""

    columns: int
    """The width on which failures are laid out."""

    markup: bool
    """Whether failures are rendered in colour."""

    passed_output: bool
    """Whether the output of tests that passed is wanted."""

    junit_family: str | None
    """``junit_family``, if a JUnit report is written."""

    report_log: bool
    """Whether reports are also told as pytest makes JSON of them."""
    overlay: dict[str, str]
    """Texts that are imported instead of files, by absolute path."""

    standard_modules: list[str]
    """What the files of the whole run import of the standard library."""

    debug: dict[str, str | None] | None
    """How the worker is debugged, if it is: ``path`` is a folder that holds debugpy."""

    foreground: bool
    """Whether this worker has the terminal, on which pytest itself reports."""

    by_file: bool
    """Whether files are collected each for itself even if this worker is the whole run."""

    timeout: float | None
    """How many seconds a test may take."""

    reruns: Message | None
    """How failed tests run again (``count``, ``delay``, ``only``, ``except``)."""

    coverage: Measured | None
    """What is measured, if coverage is."""

    @property
    def alone(self) -> bool:
        """Whether this worker is the whole run."""
        return self.worker is None

    def argv(self) -> list[str]:
        """``sys.argv`` as pytest's own process has it."""
        import pytest

        return [str(pytest.__file__).replace("__init__.py", "__main__.py"), *self.args]


def from_message(message: Message) -> Settings:
    """The settings that a message holds; a missing one is a defect of the sender."""
    coverage = message["coverage"]
    return Settings(
        args=list(message["args"]),
        worker=message["worker"],
        workers=message["workers"],
        run_uid=message["run_uid"],
        cwd_on_path=message["cwd_on_path"],
        columns=message["columns"],
        foreground=message["foreground"],
        markup=message["markup"],
        passed_output=message["passed_output"],
        junit_family=message["junit_family"],
        report_log=message["report_log"],
        overlay=dict(message["overlay"]),
        standard_modules=list(message["standard_modules"]),
        debug=message["debug"],
        by_file=message["by_file"],
        timeout=message["timeout"],
        reruns=message["reruns"],
        coverage=coverage and Measured.of_message(coverage),
    )


def missing_coverage() -> str:
    """What is said where coverage is not installed."""
    python = sys.executable
    return f"`{python}` has no coverage; install it with `{python} -m pip install coverage`"
