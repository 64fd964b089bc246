"""A kept process that has made its session, or collected one file too, and runs nothing itself.

The runner has a worker forked and tells it to `begin` or to `prepare` instead of to configure.
That becomes a zygote of its own.  Told to `prepare`, it collects its file first: each fork of it
is a worker that has everything but its tests' outcomes already.  Told to `begin`, it stays where
its plugins and conftests are loaded and nothing is collected: each fork collects a file, any one
whose conftests and configuration are the same, to run it or to stay in its turn.
It says so only if no one can tell such a worker from a fresh one (`watching`, `fitness`), and
forks only while what it has read is as it was (`grounds`).
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Final

from fastest_harness import (
    PROTOCOL,
    compat_template,
    fitness,
    fresh,
    overlay,
    spare,
    transport,
)
from fastest_harness.channel import Channel
from fastest_harness.control import Control
from fastest_harness.grounds import Grounds, loaded_files
from fastest_harness.leaving import leave
from fastest_harness.settings import from_message
from fastest_harness.watching import Watch
from fastest_harness.zygote import Job, Zygote

if TYPE_CHECKING:
    import socket

    import pytest

    from fastest_harness.channel import Message
    from fastest_harness.collection import Collection
    from fastest_harness.control import Received
    from fastest_harness.settings import Settings

_WHILE_FORKS_LIVE: Final = 0.3
"""So many seconds after a fork the next one is made, although that one lives."""


class Kept(Channel):
    """A channel of nobody yet: what is said before it has another end is kept for each fork."""

    def __init__(self, connection: socket.socket) -> None:
        super().__init__(connection)
        self._kept: list[Message] | None = []

    @property
    def kept(self) -> list[Message]:
        """What was said."""
        return self._kept or []

    def adopt(self, connection: socket.socket) -> None:
        """Speak with another end from now on."""
        self._connection = connection
        self._owner = os.getpid()
        self._kept = None

    def _add(self, message: Message, *, now: bool) -> None:
        if self._kept is None:
            super()._add(message, now=now)
        else:
            self._kept.append(message)


class Template:
    """What a worker is before it is told what to run."""

    def __init__(self, connection: socket.socket, settings: Settings, *, collects: bool) -> None:
        self._connection = connection
        self._settings = settings
        self._collects = collects
        self._grounds: Final = Grounds()
        self._watch: Final = Watch(self._grounds)
        self._before: Final = fitness.Before()
        self._descriptors = fitness.Descriptors()
        self.channel: Final = Kept(connection)

    def begin(self) -> None:
        """Watch what is imported from now on."""
        for folder in sys.path:
            if not self._watch.is_of_python(os.path.join(folder, "")):
                self._grounds.note_folder(os.path.abspath(folder or "."), everything=False)
        self._grounds.note_above(os.path.dirname(self._path))
        self._watch.start()

    def begun(self, session: pytest.Session) -> tuple[Settings, Template | None]:
        """What follows the start of a session: the settings, and whether to stay once more.

        Where the session is to be kept, this returns in forks only.
        """
        if self._collects:
            return self._settings, self
        job = self._stay(session.config, _objections_to(self.channel.kept), [])
        message = self._take_over(job, session.config)
        compat_template.restart(session.config, ())
        if message["type"] == "prepare":
            self._collects = True
            self._descriptors = fitness.Descriptors()
            self._grounds.begin_again()
            self._grounds.note_above(os.path.dirname(self._path))
            self._watch.resume()
            return self._settings, self
        self._speak()
        return self._settings, None

    def serve(self, session: pytest.Session, collection: Collection) -> Settings:
        """Wait to be forked with the file collected; in a fork, the settings of its run."""
        said = [*_objections_to(self.channel.kept), *_objections_to_collection(collection)]
        job = self._stay(session.config, said, collection.ids())
        self._take_over(job, session.config)
        collection.narrow(self._settings.args[-1].partition("::")[2])
        compat_template.restart(session.config, session.items)
        self._speak()
        return self._settings

    @property
    def _path(self) -> str:
        return self._settings.args[-1].partition("::")[0]

    def _stay(self, config: pytest.Config, objections: list[str], items: list[str]) -> Job:
        """Say whether this process may be kept, and be it; a job, in a fork."""
        self._watch.stop()
        unfit = self._objections(config) + objections
        young = [] if unfit else self._young()
        control = Control(self._connection)
        said = {"unfit": unfit + young, "passes": not unfit, "items": items}
        control.send({"type": "prepared", **said, "read": self._grounds.files()})
        if unfit or young:
            # Without the hooks that end a session, which nobody has asked for.
            leave(0)
        collects = gc.isenabled()
        gc.collect()
        gc.disable()
        job = Source(control, self._grounds, self._streams(config)).serve()
        if job is None:
            # Nothing of the project has an end that anybody would see.
            os._exit(0)
        if collects:
            gc.enable()
        return job

    def _objections(self, config: pytest.Config) -> list[str]:
        self._note_modules()
        self._grounds.forget_below(compat_template.cache_folder(config))
        sources = [path for path in loaded_files() if self._watch.of_project(path)]
        found = [*self._watch.reasons, *self._before.objections()]
        found += fitness.objections_of_hooks(config, self._watch.of_project)
        holds = self._descriptors.objection(self._known(config))
        found += [holds] if holds else []
        if self._descriptors.wrote() or compat_template.has_output(config):
            found.append("writes to the standard streams")
        found += fitness.objections_of_sources(sources)
        if not compat_template.takes_one_path(config, self._settings.args):
            found.append("more is asked for than one file")
        return found

    def _young(self) -> list[str]:
        path = self._grounds.unsettled()
        return [] if path is None else [f"`{path}` has changed a moment ago"]

    def _note_modules(self) -> None:
        for path in loaded_files():
            if not self._watch.is_of_python(path):
                self._grounds.note_file(os.path.abspath(path))

    def _known(self, config: pytest.Config) -> list[int]:
        return [self._connection.fileno(), *compat_template.capture_files(config)]

    def _streams(self, config: pytest.Config) -> Streams:
        files = self._descriptors.groups_of(compat_template.capture_files(config))
        return Streams(*self._descriptors.of_streams(), files)

    def _take_over(self, job: Job, config: pytest.Config) -> Message:
        """Hear what this fork is for, and have its configuration be that of its arguments."""
        self._connection = transport.adopt(job.channel)
        channel = Channel(self._connection)
        channel.send({"type": "ready", "protocol": PROTOCOL, "pid": os.getpid()})
        message = channel.receive()
        if message is None:
            os._exit(0)
        before, self._settings = self._settings, from_message(message)
        if self._settings.overlay != before.overlay:
            overlay.replace(self._settings.overlay, before.overlay)
        sys.argv = self._settings.argv()
        compat_template.set_arguments(config, self._settings.args)
        return message

    def _speak(self) -> None:
        """Be a worker: say what was kept, and keep nothing more."""
        said = self.channel.kept
        self.channel.adopt(self._connection)
        for each in said:
            self.channel.post(each)


class Streams:
    """The descriptors that each fork has files of its own behind."""

    def __init__(self, out: list[int], err: list[int], captured: list[list[int]]) -> None:
        self._out: Final = out
        self._err: Final = err
        self._captured: Final = captured

    def replace(self, out: int, err: int) -> None:
        """Put these two in the place of the standard streams, and empty files behind captures."""
        for numbers, number in ((self._out, out), (self._err, err)):
            fitness.redirect(numbers, number)
            os.close(number)
        for numbers in self._captured:
            with tempfile.TemporaryFile(buffering=0) as file:
                fitness.redirect(numbers, file.fileno())


class _Woken(Exception):
    """Leads a spare process that has its job out of the loop of its parent."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job: Final = job


class Source(Zygote):
    """The zygote that a template is."""

    _spare: spare.Spare | None = None

    def __init__(self, control: Control, grounds: Grounds, streams: Streams) -> None:
        super().__init__(control)
        self._grounds: Final = grounds
        self._streams: Final = streams
        self._forked = 0.0

    def serve(self) -> Job | None:
        try:
            return super().serve()
        except _Woken as woken:
            return woken.job

    def _patience(self) -> float | None:
        return None if self._spare is not None else _WHILE_FORKS_LIVE

    def _reap(self) -> None:
        super()._reap()
        # Not while a short test runs, which it would slow down; forks may live for long.
        is_quiet = not self._children or time.monotonic() - self._forked > _WHILE_FORKS_LIVE
        if self._spare is None and is_quiet:
            made = spare.make()
            if not isinstance(made, spare.Spare):
                self._control.close()
                raise _Woken(self._become(made))
            self._spare = made

    def _fork(self, received: Received) -> Job | None:
        self._forked = time.monotonic()
        waiting, self._spare = self._spare, None
        message, descriptors = received
        if waiting is None or not waiting.wake(message, descriptors):
            return super()._fork(received)
        for number in descriptors:
            os.close(number)
        self._children[waiting.pid] = message["id"]
        self._control.send({"type": "forked", "id": message["id"], "pid": waiting.pid})
        return None

    def _obey(self, received: Received) -> Job | None:
        changed = self._grounds.changed()
        if changed is None:
            return super()._obey(received)
        for number in received.descriptors:
            os.close(number)
        self._control.send({"type": "refused", "id": received.message["id"], "changed": changed})
        return None

    def _freeze(self) -> None:
        """Nothing: what is frozen is never collected, which tests could see of the project's."""

    def _make_worker(self, out: int, err: int, message: Message) -> None:
        self._streams.replace(out, err)
        fresh.reseed()
        fresh.restart_clock()


def _objections_to(said: list[Message]) -> list[str]:
    """What was said that may not be true of every run."""
    found = []
    for message in said:
        if message["type"] == "warning" and "PytestCollectionWarning" in message["text"]:
            found.append("pytest warns of what it does not collect")
        elif message["type"] not in ("hello", "listed", "warning"):
            found.append(f"`{message['type']}` was said")
    return found


def _objections_to_collection(collection: Collection) -> list[str]:
    """What came of collecting a file that may not be true of a part of it."""
    return ["a file cannot be collected"] if collection.has_failed() else []
