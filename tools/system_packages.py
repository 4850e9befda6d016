"""Installs what the tests need from the system, where we may: as root on Debian and its kin.

Elsewhere nothing is touched, and the test run says what it left out and how to install it.
"""

import os
import shutil
import subprocess
from dataclasses import dataclass

from app.kit import pdf
from tools import chromium, postgres


@dataclass(frozen=True)
class Needed:
    name: str
    package: str
    is_there: bool

    @property
    def advice(self) -> str:
        return f"apt-get install {self.package}"


def needed() -> list[Needed]:
    return [
        Needed("a browser", "chromium", chromium.find() is not None),
        Needed("PostgreSQL", "postgresql", postgres.programs() is not None),
        Needed("PDF", "libpango-1.0-0 libpangoft2-1.0-0", pdf.has_libraries()),
    ]


def install_missing() -> None:
    """Installs the missing ones by apt-get when we are root and apt-get exists."""
    packages = [name for each in needed() if not each.is_there for name in each.package.split()]
    if not packages or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    print(f"Installing from the system's packages: {' '.join(packages)}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["update", "-q"],
        ["install", "-q", "-y", "--no-install-recommends", *packages],
    ):
        subprocess.run(["apt-get", *command], env=quiet, stdin=subprocess.DEVNULL, check=False)
