"""Drawn signatures: what a phone's canvas sends becomes one small picture without anything else."""

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID

from app.kit import images
from app.kit.errors import Invalid
from app.kit.files import Files
from app.kit.i18n import N_
from app.kit.images import PhotoRefused

LONGEST = 200_000
"""Characters of a drawn signature as it is sent: strokes on white take a tenth of this."""

_PREFIX = "data:image/png;base64,"
UNREADABLE = N_("Underskriften kunne ikke leses. Tegn den på nytt, eller skriv navnet.")


@dataclass(frozen=True)
class DrawnSignature:
    """A signature that is in the store already."""

    key: str
    media_type: str
    sha256: str
    byte_count: int
    width_px: int
    height_px: int


def store_signature(files: Files, org_id: UUID, drawn: str | None) -> DrawnSignature | None:
    """Decodes in a child process and stores the picture; never inside a ``write`` block.

    Raises ``Invalid`` at ``signature`` for what is no PNG of a canvas.
    """
    if not drawn:
        return None
    try:
        if not drawn.startswith(_PREFIX):
            raise Invalid(by_field={"signature": UNREADABLE})
        made = images.first_size(base64.b64decode(drawn.removeprefix(_PREFIX), validate=True))
    except (binascii.Error, ValueError, PhotoRefused) as fault:
        raise Invalid(by_field={"signature": UNREADABLE}) from fault
    return DrawnSignature(
        key=files.put(org_id, made.content, made.suffix),
        media_type=made.media_type,
        sha256=made.sha256,
        byte_count=len(made.content),
        width_px=made.width,
        height_px=made.height,
    )
