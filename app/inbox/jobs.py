"""The smaller sizes of cases' photos: claimed, made outside every transaction, then written."""

from uuid import UUID

from app.inbox import service_photos
from app.items.service_photo_files import store_others
from app.kit.jobs import Job, Parts


def make_sizes(parts: Parts, photo_id: UUID) -> None:
    """Makes what the upload left for later; what fails is tried again by the sweep."""
    with parts.db.write() as session:
        claimed = service_photos.claim(session, photo_id)
    if claimed is None:
        return
    stored = store_others(parts.files, claimed)
    with parts.db.write() as session:
        service_photos.add_sizes(session, claimed, stored)


MAKE_SIZES = Job(service_photos.MAKE_SIZES, service_photos.due, make_sizes)
