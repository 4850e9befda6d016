"""Writes docs/settings.md and docs/problems.md from the program itself; a test compares them."""

from pathlib import Path

from app import wiring
from app.kit.errors import every_problem
from app.kit.problem_pages import MEANINGS
from app.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
HEAD = "<!-- Written by `make docs` from the program; a test compares them. -->\n"


def settings_page() -> str:
    """Every setting with its environment variable, default and meaning."""
    lines = [HEAD, "# Settings\n", "Set by environment variables.\n"]
    lines += ["| Variable | Default | Meaning |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = "" if field.default in ("", None) else f"`{field.default}`"
        lines.append(f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines) + "\n"


def problems_page() -> str:
    """Every problem an answer can be, with its status."""
    assert wiring.ROUTERS  # importing them loads every class of problem
    lines = [HEAD, "# Problems\n"]
    lines += ["Errors are problem documents (RFC 9457); `type` is the path below.\n"]
    lines += ["| Type | Status | Title | Meaning |", "|---|---|---|---|"]
    for each in every_problem():
        meaning = MEANINGS.get(each.status, "A fault of ours; it is logged with the request's id.")
        lines.append(f"| `/problems/{each.slug()}` | {each.status} | {each.title} | {meaning} |")
    return "\n".join(lines) + "\n"


PAGES = {"settings.md": settings_page, "problems.md": problems_page}

if __name__ == "__main__":
    for name, write in PAGES.items():
        (ROOT / "docs" / name).write_text(write(), encoding="utf-8")
