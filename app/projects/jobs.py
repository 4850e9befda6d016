"""What projects do by the clock."""

from app.kit.jobs import Parts
from app.projects.service_release import free_due


def free_releases(parts: Parts) -> None:
    """Pieces whose day has come are free from their projects, some thousand at a time."""
    is_more = True
    while is_more:
        with parts.db.write() as session:
            is_more = free_due(session) > 0
