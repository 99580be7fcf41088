"""One server process: its port, its data folder, its workers and its orderly end."""

import contextlib
import errno
import fcntl
import gc
import importlib
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType
from typing import Any

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from app.core.errors import CannotStart
from app.settings import Settings

DRAIN_SECONDS = 10
ENDING = (signal.SIGINT, signal.SIGTERM)


class AnnouncedServer(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self.announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.announce()


class AnnouncedWorkers(Multiprocess):
    """Several processes on one socket; says when they answer. Raises `CannotStart` when they cannot start."""

    def __init__(self, config: uvicorn.Config, listening: socket.socket, announce: Callable[[], None]) -> None:
        super().__init__(config, [listening])
        self.address = listening.getsockname()[:2]
        self.announce = announce

    def run(self) -> None:
        threading.Thread(target=self._announce_first_answer, daemon=True).start()
        super().run()
        if any(process.exitcode == STARTUP_FAILURE for process in self.processes):
            raise CannotStart("The workers could not start: the lines above say why.")

    def _announce_first_answer(self) -> None:
        """The connection waits in the socket's queue until a worker takes it."""
        with contextlib.suppress(OSError, HTTPException), contextlib.closing(HTTPConnection(*self.address)) as probe:
            probe.request("GET", "/livez")
            probe.getresponse()
            self.announce()


def run(settings: Settings, listening: socket.socket, workers: int, announce: Callable[[], None]) -> None:
    """Answer requests until told to end, then finish those under way (ten seconds at most)."""
    from app.main import create_app  # the longest import: whoever cannot start is told before

    app = create_app(settings)  # with workers too: what is wrong is said once, here
    gc.enable()
    common: dict[str, Any] = {
        "log_config": None,
        "log_level": "warning",
        "access_log": False,
        "server_header": False,
        "proxy_headers": True,
        "forwarded_allow_ips": settings.forwarded_allow_ips,
        "timeout_graceful_shutdown": DRAIN_SECONDS,
    }
    if workers == 1:
        AnnouncedServer(uvicorn.Config(app, **common), announce).run(sockets=[listening])
        return
    with tempfile.TemporaryDirectory(prefix="aet-metrics-") as counts:
        os.environ.update(_environment(settings), PROMETHEUS_MULTIPROC_DIR=counts)
        config = uvicorn.Config("app.main:application", factory=True, workers=workers, **common)
        AnnouncedWorkers(config, listening, announce).run()


def _environment(settings: Settings) -> dict[str, str]:
    """What the workers read their settings from: what was given on the command line, and the database."""
    given = {name: getattr(settings, name) for name in ("host", "port", "data_dir", "database_url")}
    return {f"AET_{name.upper()}": str(value) for name, value in given.items() if value is not None}


def import_ahead() -> None:
    """Import the application, the longest part of a start, while PostgreSQL makes itself ready."""
    gc.disable()  # much is made and nothing let go of: looking for it would take a sixth of the time
    threading.Thread(target=importlib.import_module, args=("app.main",), daemon=True).start()


def listen(settings: Settings) -> socket.socket:
    """The socket of the server, taken before anything else is done. Raises `CannotStart`."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listening = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise CannotStart(_no_port(settings, error)) from error
    listening.set_inheritable(True)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else asyncio’s own loop waits 40 ms an answer
    return listening


def _no_port(settings: Settings, error: OSError) -> str:
    other = f"scripts/serve --port {settings.port + 1 if settings.port < 65535 else 8000}"
    match error.errno:
        case errno.EADDRINUSE:
            return f"Port {settings.port} is taken by another program: stop it, or choose another port ({other})."
        case errno.EACCES:
            return f"Port {settings.port} is reserved for root: choose one above 1023 (scripts/serve --port 8000)."
        case _:
            return f"{settings.host} is not an address of this machine: choose one (scripts/serve --host 127.0.0.1)."


@contextlib.contextmanager
def alone_on(settings: Settings) -> Iterator[None]:
    """Hold the data folder: one server at a time has it. Raises `CannotStart` naming the one that does."""
    if settings.database_url:
        yield
        return
    path = settings.data_dir / "server"
    with contextlib.ExitStack() as stack:
        try:
            settings.data_dir.mkdir(parents=True, exist_ok=True)
            holder = stack.enter_context(path.open("a+"))
        except OSError as error:
            raise CannotStart(_no_folder(settings.data_dir, error)) from error
        try:
            fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder.seek(0)
            number, _, address = holder.read().partition(" ")
            raise CannotStart(
                f"A server already runs on this data folder, at {address} (process {number}): open it, stop it "
                f"(kill {number}), or start another with a folder of its own (AET_DATA_DIR and --port)."
            ) from None
        holder.truncate(0)
        holder.write(f"{os.getpid()} {settings.base_url}")
        holder.flush()
        yield


def _no_folder(folder: Path, error: OSError) -> str:
    why = (error.strerror or str(error)).lower()
    return f"The data folder {folder} cannot be written ({why}): set AET_DATA_DIR to a folder you may write to."


@contextlib.contextmanager
def orderly_end() -> Iterator[None]:
    """SIGTERM and Ctrl-C unwind everything that was begun; while that is done a second one is not heard."""

    def end(_number: int, _frame: FrameType | None) -> None:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        sys.exit(0)

    for number in ENDING:
        signal.signal(number, end)
    yield
