"""A throw-away PostgreSQL for the tests: Debian's own server, in a temporary folder, without fsync.

`scripts/test` starts one and hands its address on in KETEPAI_TEST_POSTGRESQL; a bare pytest starts its own.
"""

import getpass
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "listen_addresses": "''",
    "max_connections": "60",
    "shared_buffers": "128MB",
}


def binaries() -> Path | None:
    """Where initdb and pg_ctl are, newest version first; None if PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


class Cluster:
    """One server on a Unix socket; `url(name)` addresses a database of it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ketepai-pg-"))
        self.user = "postgres" if os.geteuid() == 0 else getpass.getuser()
        bin_folder = binaries()
        if bin_folder is None:
            raise RuntimeError("PostgreSQL is not installed")
        self.bin = bin_folder
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self._run(
            "initdb",
            "-D",
            f"{self.folder}/data",
            "--no-sync",
            "-A",
            "trust",
            "-U",
            "ketepai",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        )
        options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
        self._run(
            "pg_ctl",
            "-D",
            f"{self.folder}/data",
            "-w",
            "-l",
            f"{self.folder}/log",
            "-o",
            f"-k {self.folder} {options}",
            "start",
        )

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self.bin / program), *arguments]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")

    def url(self, database: str = "postgres") -> str:
        return f"postgresql+psycopg://ketepai@/{database}?host={self.folder}"

    def stop(self) -> None:
        self._run("pg_ctl", "-D", f"{self.folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)
