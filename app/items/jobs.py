"""The smaller sizes of a photo: claimed, made outside every transaction, then written."""

from uuid import UUID

from app.items import service_photo_files
from app.kit.jobs import Job, Parts


def make_sizes(parts: Parts, photo_id: UUID) -> None:
    """Makes what the upload left for later; what fails is tried again by the sweep."""
    with parts.db.write() as session:
        claimed = service_photo_files.claim(session, photo_id)
    if claimed is None:
        return
    stored = service_photo_files.store_others(parts.files, claimed)
    with parts.db.write() as session:
        service_photo_files.add_sizes(session, claimed, stored)


MAKE_SIZES = Job(service_photo_files.MAKE_SIZES, service_photo_files.due, make_sizes)
