"""The PostgreSQL that comes with the application, for a machine that has none.

One cluster in one folder, reached through a private socket only. Everyone who uses it at the same time
shares one server: the first starts it, the last one out stops it. Being in use is a lock of the kernel,
so a program killed on the spot is no longer counted.
"""

import contextlib
import fcntl
import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Self

from app.core.errors import CannotStart
from app.core.postgres_programs import Account, choose_account, find_programs
from app.settings import Settings

FREE_BYTES = 300 * 2**20
LONGEST_SOCKET_FOLDER = 85  # a socket's whole path is limited to 107 bytes
LONGEST_LEFTOVER_S = 15.0
BUILTIN_LOCALE = 17  # the first PostgreSQL with a UTF-8 order of its own, the same on every machine
SYSTEM_HOME = Path("/var/lib/agir-ensemble")

BOOTSTRAP = """\
CREATE ROLE {owner} LOGIN;
CREATE ROLE {app} LOGIN;
GRANT {app} TO {owner};
CREATE DATABASE {database} OWNER {owner};
"""


class Embedded:
    """The cluster in the folder `root`, made at the first start.

    `with Embedded(Path(".data/postgresql")) as server:` runs it; `server.owner_url` migrates,
    `server.app_url` works without DDL. `options` are further arguments of `postgres`
    (`["-c", "fsync=off"]` in tests). Raises `CannotStart`.
    """

    owner, database = "aet_owner", "aet"

    def __init__(self, root: Path, *, app_role: str = "aet_app", options: Sequence[str] = ()) -> None:
        self.root = Path(root).absolute()
        self.app_role = app_role
        self.options = tuple(options)
        self._users: IO[str] | None = None

    @property
    def owner_url(self) -> str:
        """For migrations: owns the database and its tables, is no superuser."""
        return self._url(self.owner)

    @property
    def app_url(self) -> str:
        """For the server: reads and writes rows, makes no table."""
        return self._url(self.app_role)

    def _url(self, role: str) -> str:
        return f"postgresql://{role}@/{self.database}?host={self.sockets}"

    def start(self) -> None:
        """Join the running server, or start it. Raises `CannotStart`."""
        with _refusals_explained(self.root):
            self._settle()
            self._users = (self.root / "users").open("a")
            try:
                with self._locked():
                    self._ensure_running()
                    fcntl.flock(self._users, fcntl.LOCK_SH)
            except BaseException:
                self.stop()
                raise

    def stop(self) -> None:
        """Leave; the last one out stops the server."""
        if self._users is None:
            return
        with self._locked():
            if self._alone():
                self._run(self.programs.bin / "pg_ctl", "-D", self.cluster, "-m", "fast", "-w", "stop", check=False)
            self._users.close()
            self._users = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _settle(self) -> None:
        """Choose the folder, the account PostgreSQL runs under, its programs and the folder of its socket."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.account = choose_account(self.root.resolve() / "cluster")
        self.root = _within_reach(self.root, self.account)
        self.cluster = self.root / "cluster"
        self.sockets = self.root
        if len(str(self.root)) > LONGEST_SOCKET_FOLDER:
            self.sockets = Path(tempfile.gettempdir()) / f"aet-{os.getuid()}-{self.root.stat().st_ino}"
            self.sockets.mkdir(mode=0o700, exist_ok=True)
            if self.sockets.is_symlink() or self.sockets.stat().st_uid not in {os.geteuid(), self.account.uid}:
                raise CannotStart(f"{self.sockets} belongs to somebody else: set AET_DATA_DIR to a shorter path.")
        for folder in {self.root, self.sockets}:
            self.account.own(folder)
            folder.chmod(0o700)
        self.programs = find_programs(self.root, self.account, made_by=_major_of(self.cluster))

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One at a time starts or stops the server."""
        with (self.root / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _alone(self) -> bool:
        """Whether nobody else uses the server; then nobody can join while the lock is held."""
        assert self._users is not None
        try:
            fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _ensure_running(self) -> None:
        if not self.cluster.exists():
            self._make_cluster()
        if self._answers():
            return
        self._wait_for_leftovers()
        if self._alone():
            for void in (self.cluster / "postmaster.pid", self.sockets / ".s.PGSQL.5432.lock"):
                void.unlink(missing_ok=True)
        options = ["-c", "listen_addresses=", "-c", "unix_socket_permissions=0700", "-k", str(self.sockets)]
        options += self.options
        log = self.root / "postgresql.log"
        words = ["-w", "-t", "600", "-l", str(log), "-o", shlex.join(options), "start"]
        self._run(self.programs.bin / "pg_ctl", "-D", self.cluster, *words)

    def _make_cluster(self) -> None:
        """Make it aside and move it in place when it is whole: a half-made cluster is never taken for a good one."""
        if shutil.disk_usage(self.root).free < FREE_BYTES:
            raise CannotStart(
                f"The disk of {self.root} has less than {FREE_BYTES >> 20} MB free: "
                "free some space, or set AET_DATA_DIR to a folder on another disk."
            )
        new = self.root / "cluster.new"
        shutil.rmtree(new, ignore_errors=True)
        locale = ["--locale=C.UTF-8", *(["--locale-provider=builtin"] if self.programs.major >= BUILTIN_LOCALE else [])]
        hurried = ["--no-sync"] if "fsync=off" in self.options else []
        words = ["-U", "postgres", "-A", "trust", "-E", "UTF8", *locale, *hurried]
        self._run(self.programs.bin / "initdb", "-D", new, *words)
        statements = BOOTSTRAP.format(owner=self.owner, app=self.app_role, database=self.database)
        self._run(
            self.programs.bin / "postgres",
            "--single",
            "-D",
            new,
            "-c",
            "exit_on_error=on",
            "postgres",
            reading=statements,
        )
        new.rename(self.cluster)

    def _answers(self) -> bool:
        """Whether the server runs; waits while it starts or recovers."""
        while True:
            match self._run(self.programs.bin / "pg_isready", "-q", "-h", self.sockets, "-d", "postgres", check=False):
                case 0:
                    return True
                case 1:
                    time.sleep(0.1)
                case _:
                    return False

    def _wait_for_leftovers(self) -> None:
        """After a crash: wait for the old server's last processes to end, so that its lock files are void.

        The killed one stays a zombie until it is reaped, and its number can be given to another program:
        PostgreSQL would take either for a running server.
        """
        until = time.monotonic() + LONGEST_LEFTOVER_S
        while left := _working_in(self.cluster):
            if time.monotonic() > until:
                raise CannotStart(
                    f"A former PostgreSQL still works in {self.cluster}: end it (kill {' '.join(left)}), then start."
                )
            time.sleep(0.05)

    def _run(self, *words: str | Path, reading: str = "", check: bool = True) -> int:
        """Run one of PostgreSQL's programs. Its words go to a file: a server would keep a pipe open for ever."""
        log = self.root / "programs.log"
        with log.open("ab") as out, tempfile.TemporaryFile() as given:
            given.write(reading.encode())
            given.seek(0)
            environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
            environment |= {"LC_ALL": "C.UTF-8", "HOME": str(self.root)}
            code = subprocess.run(
                [str(word) for word in words],
                stdin=given,
                stdout=out,
                stderr=out,
                cwd=self.sockets,
                env=environment,
                check=False,
                **self.account.identity,
            ).returncode
        if check and code:
            raise CannotStart(_why(self.root, Path(words[0]).name))
        return code


class DatabaseUrls(NamedTuple):
    """Where to migrate and where to work."""

    owner: str
    app: str


@contextlib.contextmanager
def database_of(settings: Settings) -> Iterator[DatabaseUrls]:
    """The database the settings name, else the embedded one, running for as long. Raises `CannotStart`."""
    if settings.database_url:
        yield DatabaseUrls(settings.owner_database_url or settings.database_url, settings.database_url)
        return
    with Embedded(settings.data_dir / "postgresql", app_role=settings.app_role) as server:
        yield DatabaseUrls(server.owner_url, server.app_url)


@contextlib.contextmanager
def _refusals_explained(root: Path) -> Iterator[None]:
    """What the system refuses, as a sentence with its remedy."""
    try:
        yield
    except OSError as error:
        raise CannotStart(
            f"The folder {root} cannot hold the database ({(error.strerror or str(error)).lower()}): "
            "set AET_DATA_DIR to a folder you may write to, or AET_DATABASE_URL to a PostgreSQL."
        ) from error


def _why(root: Path, program: str) -> str:
    """The sentence for a program of PostgreSQL that failed, with the last thing it said."""
    said = [
        line
        for name in ("programs.log", "postgresql.log")
        if (root / name).exists()
        for line in (root / name).read_text(errors="replace").splitlines()[-40:]
    ]
    if any("No space left on device" in line for line in said):
        return f"The disk of {root} is full: free some space and start again; nothing that was saved is lost."
    last = next((line for line in reversed(said) if "FATAL" in line or "error:" in line), said[-1] if said else "")
    return f"PostgreSQL's {program} failed ({last.strip()}): see {root}/postgresql.log and {root}/programs.log."


def _within_reach(root: Path, account: Account) -> Path:
    """The folder itself, or one its account can reach, linked from there.

    As root, PostgreSQL runs under an account that cannot enter root's private home.
    """
    if root.is_symlink() or account.can_enter(root):
        return root.resolve()
    if any(root.iterdir()):
        raise CannotStart(
            f"PostgreSQL runs as {account.name}, who cannot enter {root}: set AET_DATA_DIR to a folder elsewhere."
        )
    SYSTEM_HOME.mkdir(parents=True, exist_ok=True, mode=0o755)
    reachable = Path(tempfile.mkdtemp(prefix="data-", dir=SYSTEM_HOME))
    root.rmdir()
    root.symlink_to(reachable)
    return reachable


def _major_of(cluster: Path) -> int | None:
    """The PostgreSQL that made the cluster, if there is one."""
    version = cluster / "PG_VERSION"
    return int(version.read_text()) if version.exists() else None


def _working_in(folder: Path) -> list[str]:
    """The numbers of the processes whose current folder this is."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == folder:
                found.append(process.name)
    return found
