"""What each kind of problem means: a page for people and programs that follow its ``type``."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from app.kit.errors import CrossSite, NotFound, Problem, every_problem
from app.kit.i18n import N_, gettext, ngettext
from app.kit.page import page

router = APIRouter(prefix="/problems")

TOO_MANY = 429


class PlaceOfError(BaseModel):
    """One finding: where, as a JSON pointer, and what."""

    pointer: str
    detail: str


class ProblemDocument(BaseModel):
    """A problem as RFC 9457 spells it. ``type`` is the path of the page that explains it."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[PlaceOfError] | None = None


MEANINGS: Mapping[int, str] = {
    400: "The request can not be read.",
    401: "Nobody is signed in.",
    403: "The signed-in person may not do this.",
    404: "It does not exist, or the signed-in person may not see it: the two look the same.",
    405: "The address does not take this method.",
    409: "It contradicts how things are now; nothing was changed.",
    410: "It is gone for good.",
    412: "It was changed meanwhile; read it again.",
    413: "The body is too large.",
    415: "The file's type is not supported.",
    422: "Something in the request must be corrected; `errors` says where.",
    428: "`If-Match` is missing.",
    429: "Too many tries; `Retry-After` says when to come again.",
    503: "Busy or out of reach for the moment; `Retry-After` says when to come again.",
    507: "The storage is full.",
}

ADVICE: Mapping[int, str] = {
    403: N_("En administrator i virksomheten kan gi deg den rollen som trengs."),
    404: N_("Adressen kan være skrevet feil, eller det kan være flyttet eller slettet."),
    503: N_("Det du sendte, er kanskje ikke lagret. Gå tilbake, vent litt og prøv igjen."),
}
"""What a person can do next, by status, where the problem itself does not say it."""

RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {
        "description": meaning,
        "content": {
            "application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}
        },
    }
    for status, meaning in MEANINGS.items()
}
"""For every route of the API: any of them may answer with any of these."""


def advice(problem: Problem) -> str | None:
    """What to do next, in the reader's language; after too many tries, when to come again."""
    seconds = problem.headers.get("Retry-After", "") if problem.status == TOO_MANY else ""
    if seconds.isdecimal():
        minutes = max(1, -(-int(seconds) // 60))
        return ngettext("Prøv igjen om %(num)s minutt.", "Prøv igjen om %(num)s minutter.", minutes)
    # Another site's fault is not the reader's, and no role would mend it.
    text = None if isinstance(problem, CrossSite) else ADVICE.get(problem.status)
    return None if text is None else gettext(text)


@router.get("", name="problems:browse")
def browse(request: Request) -> Response:
    problems = [(each.slug(), gettext(each.title), each.status) for each in every_problem()]
    return page(request, "problems.html", problems=problems)


@router.get("/{slug}", name="problems:show")
def show(request: Request, slug: str) -> Response:
    found = next((each for each in every_problem() if each.slug() == slug), None)
    if found is None:
        raise NotFound
    return page(
        request,
        "problem_kind.html",
        title=gettext(found.title),
        code=found.status,
        slug=slug,
        meaning=MEANINGS.get(found.status),
    )
