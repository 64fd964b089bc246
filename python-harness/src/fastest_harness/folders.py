"""One temporary folder for all workers of a run, as pytest-xdist has it.

A worker's ``basetemp`` is ``pytest-of-USER/pytest-N/popen-gwN``.  The first worker whose tests
ask for a temporary folder makes ``pytest-N`` in pytest's own way (numbered, the oldest removed);
the others find it by a link that only workers of this run can know the name of.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from fastest_harness import compat

if TYPE_CHECKING:
    import pytest

    from fastest_harness.settings import Settings


def share(config: pytest.Config, settings: Settings) -> None:
    """Let this worker's temporary folders lie in that of the run, once any is asked for."""
    if settings.worker is not None and not compat.options(config).get("basetemp"):
        link = Path(tempfile.gettempdir(), f"fastest-{settings.run_uid}")
        compat.set_base_folder(config, lambda own: _base(link, own, f"popen-{settings.worker}"))


def _base(link: Path, own: compat.MakeFolder, name: str) -> Path:
    base = _linked(link)
    if base is None:
        made = own()
        base = _publish(link, made)
        if base != made:
            shutil.rmtree(made, ignore_errors=True)
    mine = base / name
    # A worker that died may have had the name before.
    shutil.rmtree(mine, ignore_errors=True)
    mine.mkdir(mode=0o700, parents=True)
    return mine


def _publish(link: Path, base: Path) -> Path:
    """The run's folder: this one, unless another worker was first."""
    try:
        os.symlink(base, link)
    except FileExistsError:
        return _linked(link) or base
    except (OSError, NotImplementedError):
        return base  # Without links each worker has a folder of its own.
    owner = os.getpid()
    atexit.register(lambda: _remove(link) if os.getpid() == owner else None)
    return base


def _linked(link: Path) -> Path | None:
    try:
        base = Path(os.readlink(link))
    except (OSError, ValueError):
        return None
    return base if base.is_dir() else None


def _remove(link: Path) -> None:
    with contextlib.suppress(OSError):
        link.unlink()
