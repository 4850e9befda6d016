"""Finds the browser that the journeys and the pictures are made with. None is downloaded."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WITHOUT_WINDOWS = "chromium-headless-shell"
"""The same engine without a browser around it: a page comes in half of the time."""

# Root may not use the sandbox; the rest keeps the browser from calling its maker at every start.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    """The browser's path: what CHROMIUM names, else the first known name on the path."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((path for path in map(shutil.which, NAMES) if path), None)


def find_shell() -> str | None:
    """The browser for pages that need none around them (a camera needs one), else ``find``'s."""
    shell = None if os.environ.get("CHROMIUM") else shutil.which(WITHOUT_WINDOWS)
    return shell or find()
