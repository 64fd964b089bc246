"""What a kept process rests on: files as they were, files that were not there, names in folders.

Everything is stamped before it is read, so that a change while it is read shows later.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from typing import Final, Optional

Stamp = Optional[tuple[int, ...]]
"""What a look at a path gave; ``None`` if nothing is there.  Of a folder only that it is one."""

Listing = Optional[frozenset[str]]
"""The names in a folder; ``None`` if there is none."""

YOUNG_NS: Final = 50_000_000
"""Times of change are as coarse as the system's clock tick, 10 ms at most: what is younger than
this may have changed again and still look the same."""

UNSEEN: Final = frozenset({"__pycache__", ".pytest_cache"})
"""Names that come and go with runs."""

IMPORTED: Final = (".py", ".pyc", ".pyd", ".so", ".pth", ".egg-link", ".zip")
INSTALLED: Final = (".dist-info", ".egg-info")
"""What files end with that Python, or pytest, may import."""

CONFIGURATION: Final = (
    *("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini"),
    *("setup.cfg", "setup.py", "conftest.py", "__init__.py"),
)
"""Files in folders above a test that pytest looks for."""


class Grounds:
    """Stamps, and whether all would be the same now."""

    def __init__(self) -> None:
        self._begun = time.time_ns()
        self._settled: frozenset[str] = frozenset()
        self._files: Final[dict[str, Stamp]] = {}
        self._folders: Final[dict[tuple[str, bool], Listing]] = {}
        self._seen: Final[dict[str, int]] = {}

    def begin_again(self) -> None:
        """More is read from now on; what was read so far was, a moment ago, as it is kept."""
        self._settled = frozenset(self._files)
        self._begun = time.time_ns()

    def files(self) -> list[str]:
        """The paths of all that was looked at."""
        return list(self._files)

    def note_file(self, path: str) -> None:
        """Keep what is at a path now, unless it was looked at before."""
        if path not in self._files:
            self._files[path] = stamp(path)

    def note_folder(self, path: str, *, everything: bool) -> None:
        """Keep the names in a folder: all, or those that an import may mean."""
        if (path, everything) not in self._folders:
            self._folders[path, everything] = listing(path, everything=everything)

    def note_above(self, folder: str) -> None:
        """Keep what pytest finds, or does not, in a folder and all above it."""
        while True:
            for name in CONFIGURATION:
                self.note_file(os.path.join(folder, name))
            folder, below = os.path.dirname(folder), folder
            if folder == below:
                return

    def forget_below(self, folder: str | None) -> None:
        """Rest no more on what lies in a folder."""
        if folder is not None:
            for path in [path for path in self._files if path.startswith(folder)]:
                del self._files[path]

    def unsettled(self) -> str | None:
        """A file that is too young for its stamp to tell it from a later version."""
        limit = self._begun - YOUNG_NS
        for path, known in self._files.items():
            if path in self._settled or known is None or len(known) <= 2:
                continue
            if max(known[:2]) > limit:
                return path
        return None

    def changed(self) -> str | None:
        """What is not as it was, if anything."""
        for path, known in self._files.items():
            if stamp(path) != known:
                return path
        for (path, everything), names in self._folders.items():
            if self._may_differ(path) and listing(path, everything=everything) != names:
                return path
        return None

    def _may_differ(self, folder: str) -> bool:
        """Whether a folder has changed since it was last looked into."""
        try:
            changed = os.stat(folder).st_mtime_ns
        except OSError:
            return True
        if self._seen.get(folder) == changed:
            return False
        if changed < time.time_ns() - YOUNG_NS:
            self._seen[folder] = changed
        return True


def stamp(path: str) -> Stamp:
    """A file's times, size and number; of a folder, that it is this one."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    if stat.S_ISDIR(found.st_mode):
        return (found.st_dev, found.st_ino)
    return (found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_mode)


def loaded_files() -> list[str]:
    """Where the modules that this process has imported come from."""
    modules = [getattr(module, "__dict__", {}) for module in list(sys.modules.values())]
    paths = (names.get("__file__") for names in modules)
    return [path for path in paths if isinstance(path, str)]


def listing(path: str, *, everything: bool) -> Listing:
    """The names in a folder, but for those that runs leave."""
    try:
        with os.scandir(path) as entries:
            return frozenset(
                entry.name
                for entry in entries
                if entry.name not in UNSEEN and (everything or may_be_imported(entry))
            )
    except (OSError, ValueError):
        return None


def may_be_imported(entry: os.DirEntry[str]) -> bool:
    """Whether an entry of a folder may be a module, a package or a configuration."""
    name = entry.name
    if name.endswith((*IMPORTED, *INSTALLED)) or name in CONFIGURATION:
        return True
    return "." not in name and entry.is_dir()
