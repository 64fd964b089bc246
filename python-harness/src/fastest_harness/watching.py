"""Watches what the project's code does while it is imported and collected.

A process is kept for later runs only if nobody could tell it from a fresh one.  So what the
project reads becomes part of the kept process's `grounds`; and where the project asks for what
is different each time (the clock, chance, the process's id) or changes something outside of its
process, the process is not kept.

What the project's code calls is its own doing, in whatever package that is.  What installed
packages do because they are imported is taken on trust, as it is where they are preloaded.
"""

from __future__ import annotations

import datetime
import os
import random
import sys
import sysconfig
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from fastest_harness.grounds import Grounds

Owner = Literal["project", "package", "pytest", "python"]

_CLOCKS: Final = """
    time time_ns monotonic monotonic_ns perf_counter perf_counter_ns process_time process_time_ns
    thread_time thread_time_ns localtime gmtime ctime asctime strftime clock_gettime
    clock_gettime_ns
"""
CLOCKS: Final = frozenset(_CLOCKS.split())
DATES: Final = frozenset({"now", "utcnow", "today"})
OF_SYSTEM: Final = {
    **dict.fromkeys(("getpid", "getppid", "getpgid", "getpgrp", "getsid"), "asks for its own id"),
    **dict.fromkeys(("urandom", "getrandom"), "asks for random numbers"),
    **dict.fromkeys(("times", "getloadavg", "statvfs", "fstatvfs"), "asks how the machine is"),
    "umask": "changes the umask",
}
LOOKS: Final = frozenset({"stat", "lstat", "access", "readlink"})
CHANCE: Final = frozenset({"random", "getrandbits", "seed", "setstate"})
NAMES: Final = CLOCKS | DATES | OF_SYSTEM.keys() | LOOKS | CHANCE | {"generate_time_safe"}
"""All functions in C that are looked at."""

PATH_IN: Final = {
    "genericpath.py": ("path", "filename", "s"),
    "posixpath.py": ("newpath", "path"),
    "pathlib.py": ("newpath", "self"),
    "_local.py": ("self",),
    "__init__.py": ("self",),
    "shutil.py": ("fn",),
    "linecache.py": ("fullname", "filename"),
    "glob.py": ("pathname",),
}
"""The local variables of Python's own files that hold the path which is looked at."""

CHANGES: Final = (
    *("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate"),
    *("os.chmod", "os.chown", "os.utime", "os.setxattr", "os.removexattr", "os.lockf", "os.kill"),
    *("os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.killpg"),
    *("subprocess.Popen", "tempfile.mkstemp", "tempfile.mkdtemp", "ctypes.dlopen", "pty.spawn"),
    *("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.gethostbyname"),
    *("socket.gethostbyaddr", "socket.getnameinfo", "socket.sendto", "socket.sendmsg"),
    *("sqlite3.connect", "fcntl.fcntl", "fcntl.flock", "fcntl.lockf", "resource.setrlimit"),
    *("signal.pthread_kill", "syslog.openlog", "syslog.syslog"),
)
"""Events of `sys.audit` that reach out of the process, or into others."""

WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
FROZEN: Final = "<frozen "
IMPORTING: Final = "<frozen importlib"
"""How the names of the import system's own files begin."""

SYSTEM_FOLDERS: Final = ("/proc/", "/sys/", "/dev/")
PYTEST: Final = ("_pytest", "pytest", "pluggy", "iniconfig")


class Watch:
    """From its start to its stop; what speaks against keeping the process is in ``reasons``."""

    def __init__(self, grounds: Grounds) -> None:
        self._grounds: Final = grounds
        self._owners: Final[dict[str, Owner | None]] = {}
        self._reasons: Final[dict[str, None]] = {}
        self._is_on = False
        self._library: Final = _folder(sysconfig.get_path("stdlib"))
        self._harness: Final = _folder(os.path.dirname(os.path.abspath(__file__)))
        self._events: Final[dict[str, Callable[[tuple[Any, ...], str], None]]] = {
            "open": self._opened,
            "os.listdir": self._listed,
            "os.scandir": self._listed,
            **dict.fromkeys(CHANGES, self._changed),
        }

    @property
    def reasons(self) -> list[str]:
        """Why the process cannot be kept, as fragments."""
        return list(self._reasons)

    def start(self) -> None:
        """Watch from now on."""
        sys.addaudithook(self._hear)
        self.resume()

    def resume(self) -> None:
        """Watch again, after a stop."""
        self._is_on = True
        sys.setprofile(self._profile)

    def stop(self) -> None:
        """Watch no more.  The hook stays, since nobody can remove it, and does nothing."""
        self._is_on = False
        if sys.getprofile() == self._profile:
            sys.setprofile(None)
        else:
            self._reasons.setdefault("it sets a profile function")

    def of_project(self, path: str) -> bool:
        """Whether a file is the project's own."""
        return self._owner_of(path) == "project"

    def is_of_python(self, path: str) -> bool:
        """Whether a file is the standard library's or the harness's."""
        return self._owner_of(path) in (None, "python")

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        act = self._events.get(event) if self._is_on else None
        if act is not None:
            # What is done here is heard too.
            self._is_on = False
            try:
                act(args, event)
            finally:
                self._is_on = True

    def _opened(self, args: tuple[Any, ...], event: str) -> None:
        path, _, flags = args
        if isinstance(path, int):
            return
        path = os.path.abspath(os.fsdecode(path))
        owner = self._whose(sys._getframe(2))
        if os.path.basename(os.path.dirname(path)) == "__pycache__":
            return
        if isinstance(flags, int) and flags & WRITING:
            self._object(owner, "writes a file", event)
        elif path.startswith(SYSTEM_FOLDERS):
            self._object(owner, "reads what the system tells", event)
        elif not self.is_of_python(path):
            self._grounds.note_file(path)

    def _listed(self, args: tuple[Any, ...], event: str) -> None:
        owner = self._whose(sys._getframe(2))
        if isinstance(args[0], int):
            self._object(owner, "lists a folder", event)
            return
        path = os.path.abspath(os.fsdecode(args[0] or "."))
        importing = sys._getframe(2).f_code.co_filename.startswith(IMPORTING)
        everything = owner in ("project", "package") and not importing
        self._grounds.note_folder(path, everything=everything)

    def _changed(self, args: tuple[Any, ...], event: str) -> None:
        paths = [arg for arg in args if isinstance(arg, (str, bytes)) or hasattr(arg, "__fspath__")]
        if paths and all("__pycache__" in os.fsdecode(path) for path in paths):
            return
        self._object(self._whose(sys._getframe(2)), "reaches out of its process", event)

    def _profile(self, frame: FrameType, event: str, arg: Any) -> None:
        if event == "c_call":
            name = getattr(arg, "__name__", None)
            if name in NAMES:
                self._called(frame, name, arg)

    def _called(self, frame: FrameType, name: str, function: Any) -> None:
        owner = getattr(function, "__self__", None)
        what = None
        if isinstance(owner, ModuleType):
            what = _what_of_module(owner.__name__, name)
        elif isinstance(owner, type):
            reads = name in DATES and issubclass(owner, datetime.date)
            what = "reads the clock" if reads else None
        elif isinstance(owner, random.Random) and name in CHANCE:
            # A generator of the project's own that it seeds itself is the same each time.
            seeds_itself = name == "seed" and frame.f_locals.get("a") is None
            is_shared = owner is getattr(random, "_inst", None)
            what = "uses random numbers" if is_shared or seeds_itself else None
        elif isinstance(owner, os.DirEntry) and name in LOOKS:
            what = "looks"
        if what is None or self._whose(frame) != "project":
            return
        if what == "looks" and self._looked(frame):
            return
        self._object("project", "looks at files" if what == "looks" else what, name)

    def _looked(self, frame: FrameType) -> bool:
        """Keep what a look at a file has given, if it is known at which."""
        path = frame.f_code.co_filename
        if path.startswith(IMPORTING):
            return True
        names = PATH_IN.get(_file_name(path), ()) if self.is_of_python(path) else ()
        known = frame.f_locals
        for name in names:
            value: Any = known.get(name)
            if isinstance(value, (str, bytes)) or hasattr(value, "__fspath__"):
                self._grounds.note_file(os.path.abspath(os.fsdecode(value)))
                return True
        return False

    def _object(self, owner: Owner, what: str, event: str) -> None:
        if owner == "project":
            self._reasons.setdefault(f"{what} when it is imported ({event}{self._place()})")

    def _place(self) -> str:
        frame: FrameType | None = sys._getframe(2)
        while frame is not None:
            if self._owner_of(frame.f_code.co_filename) == "project":
                return f", {frame.f_code.co_filename}:{frame.f_lineno}"
            frame = frame.f_back
        return ""

    def _whose(self, frame: FrameType | None) -> Owner:
        """Whose doing something is: the project's, if its code has led to it by calls.

        An import is no call: what a module does because of it is the module's own doing.
        """
        within: Owner = "python"
        while frame is not None:
            path = frame.f_code.co_filename
            owner = self._owner_of(path)
            if path.startswith(IMPORTING):
                return within
            if owner not in (None, "package"):
                return owner or within
            within = owner or within
            frame = frame.f_back
        return within

    def _owner_of(self, path: str) -> Owner | None:
        """Whose a file is; ``None`` where whoever calls it counts."""
        if path not in self._owners:
            self._owners[path] = self._find_owner(path)
        return self._owners[path]

    def _find_owner(self, path: str) -> Owner | None:
        if path.startswith(("<", self._harness)):
            return "python" if path.startswith(self._harness) else None
        for name in ("site-packages", "dist-packages"):
            _, found, within = path.rpartition(f"{os.sep}{name}{os.sep}")
            if found:
                return "pytest" if within.partition(os.sep)[0] in PYTEST else "package"
        return None if path.startswith(self._library) else "project"


def _what_of_module(module: str, name: str) -> str | None:
    if module == "time" and name in CLOCKS:
        return "reads the clock"
    if name in DATES:
        return "reads the clock"
    if module == "_uuid":
        return "asks for a new id"
    if module != "posix":
        return None
    return "looks" if name in LOOKS else OF_SYSTEM.get(name)


def _file_name(path: str) -> str:
    """The name of a file of Python's own, of which some are frozen into the interpreter."""
    frozen = path[len(FROZEN) : -1].rpartition(".")[2] if path.startswith(FROZEN) else ""
    return f"{frozen}.py" if frozen else os.path.basename(path)


def _folder(path: str) -> str:
    return os.path.join(path, "")
