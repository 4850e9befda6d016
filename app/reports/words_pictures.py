"""Pictures of before and after as pages and their PDF show them."""

from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any
from uuid import UUID

from starlette.requests import Request

from app.items.models import PhotoFile
from app.kit.files import Files
from app.kit.i18n import N_, gettext
from app.kit.page import url
from app.kit.pdf import Picture
from app.reports.figures import Mended

Url = Callable[..., str]
"""As ``kit.page.url`` without its request."""
BEFORE, AFTER = N_("%(what)s, før"), N_("%(what)s, etter")


def pairs_shown(
    path: Url, found: Iterable[Mended], there: Container[UUID] | None = None
) -> list[dict[str, Any]]:
    """Each piece with its two pictures. ``there`` are the photos that still are; nothing: all."""

    def picture(photo_id: UUID, what: str, name: str) -> Mapping[str, str] | None:
        if there is not None and photo_id not in there:
            return None
        return {
            "src": path("photos:show", photo_id=photo_id, size="medium"),
            "full": path("photos:show", photo_id=photo_id, size="large"),
            "alt": gettext(what, what=name),
        }

    return [
        {
            "id": each.item_id,
            "name": each.name,
            "href": path("items:show", item_id=each.item_id),
            "pair": [
                picture(each.before_photo_id, BEFORE, each.name),
                picture(each.after_photo_id, AFTER, each.name),
            ],
        }
        for each in found
    ]


def drawn_in_pdf(request: Request, rows: Iterable[PhotoFile]) -> dict[str, Picture]:
    """The files by the paths that the page asks for them with."""
    files: Files = request.app.state.files
    return {
        url(request, "photos:show", photo_id=each.photo_id, size="medium"): (
            each.media_type,
            files.get(each.key),
        )
        for each in rows
    }
