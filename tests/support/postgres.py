"""A PostgreSQL server of a test's own, where the programs are installed."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

USER = "nobody"  # the server refuses to run as root


def programs() -> Path | None:
    """The folder of initdb and pg_ctl."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    known = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return known[-1].parent if known else None


@contextmanager
def server(bin_folder: Path):
    """The URL of a fresh database; it listens on a socket in its own folder alone."""
    folder = Path(tempfile.mkdtemp(prefix="automl_nb-pg-"))
    who = {"user": USER} if os.geteuid() == 0 else {}
    if who:
        shutil.chown(folder, USER)

    def run(*words):
        subprocess.run(
            [bin_folder / words[0], *words[1:]], cwd=folder, check=True, capture_output=True, **who
        )

    data = folder / "data"
    try:
        run("initdb", "-D", data, "-U", "automl", "--auth=trust", "--no-sync", "-E", "UTF8")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        run("pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://automl:secret@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
