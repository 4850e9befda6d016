"""The organisation's report as a page, as files, and the entries behind each of its figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.queries import unit_choices
from app.accounts.rules import Permission
from app.catalogue.queries import categories, category_name
from app.impact.rules import FulfilmentSource, View
from app.kit.errors import Invalid
from app.kit.exports import MEDIA_TYPES, Format
from app.kit.i18n import N_, gettext
from app.kit.page import page, url
from app.kit.pdf import as_pdf
from app.kit.web import Db
from app.ledger.queries_sums import TwoAtOnce
from app.places.queries import place_choices
from app.reports.documents_organisation import as_json, as_table, as_workbook
from app.reports.organisation import SOURCES_IN_ORDER, organisation_report, trees
from app.reports.organisation_currency import currencies
from app.reports.organisation_figures import PARTED_BY, Wanted
from app.reports.organisation_views import PARTS, report_context
from app.reports.rules_tree import way_to
from app.reports.words import VIEWS, source_name

router = APIRouter(prefix="/rapporter")

YEAR = N_("Skriv et år fra 1900 til 2999.")
CHOOSE = N_("Velg fra listen.")
CURRENCY = N_("Skriv tre bokstaver, for eksempel SEK.")


@dataclass(frozen=True)
class Asked:
    """What is asked for, as typed; an empty field leaves nothing out."""

    view: str
    by: str
    first: str
    last: str
    unit: str
    place: str
    source: str
    category: str
    currency: str

    @property
    def kept(self) -> dict[str, str]:
        typed = {
            "visning": self.view,
            "etter": self.by,
            "fra": self.first,
            "til": self.last,
            "enhet": self.unit,
            "sted": self.place,
            "kilde": self.source,
            "kategori": self.category,
            "valuta": self.currency,
        }
        return {name: text.replace("\x00", "").strip() for name, text in typed.items()}

    def wanted(self) -> Wanted:
        """Raises ``Invalid`` at the fields that were mistyped."""
        typed = {name: text for name, text in self.kept.items() if text}
        wrong: dict[str, str] = {}

        def read(name: str, convert: Any, message: str) -> Any:
            try:
                return convert(typed[name]) if name in typed else None
            except ValueError:
                wrong[name] = message
                return None

        found = Wanted(
            view=read("visning", View, CHOOSE) or View.GROSS,
            by=read("etter", _part, CHOOSE) or "source",
            first_year=read("fra", _year, YEAR),
            last_year=read("til", _year, YEAR),
            unit_id=read("enhet", UUID, CHOOSE),
            place_id=read("sted", UUID, CHOOSE),
            source=read("kilde", FulfilmentSource, CHOOSE),
            category_id=typed.get("kategori"),
            currency=read("valuta", _currency, CURRENCY),
        )
        if found.first_year and found.last_year and found.first_year > found.last_year:
            wrong["til"] = N_("Til-året er før fra-året.")
        if wrong:
            raise Invalid(by_field=wrong)
        return found


def _part(typed: str) -> str:
    if typed not in PARTED_BY:
        raise ValueError(typed)
    return typed


def _currency(typed: str) -> str:
    code = typed.upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise ValueError(typed)
    return code


def _year(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal() and 1900 <= int(typed[:5]) <= 2999):
        raise ValueError(typed)
    return int(typed)


Typed = Annotated[str, Query(max_length=60)]


def asked(
    visning: Typed = "",
    etter: Typed = "",
    fra: Typed = "",
    til: Typed = "",
    enhet: Typed = "",
    sted: Typed = "",
    kilde: Typed = "",
    kategori: Typed = "",
    valuta: Typed = "",
) -> Asked:
    return Asked(visning, etter, fra, til, enhet, sted, kilde, kategori, valuta)


Question = Annotated[Asked, Depends(asked)]


@router.get("", name="reports:organisation")
def show(request: Request, actor: SignedIn, db: Db, question: Question) -> Response:
    """Savings of the organisation, a unit or a place, parted in one of seven ways."""
    actor.must(Permission.REPORT_READ)
    with db.read() as session:
        try:
            wanted = question.wanted()
            report = organisation_report(session, actor, wanted)
        except (Invalid, TwoAtOnce) as problem:
            return _refused(request, session, actor, question, problem)
        ways = _ways(request, session, actor, wanted)

        def here(changes: Mapping[str, str | None]) -> str:
            return url(request, "reports:organisation", query={**question.kept, **changes})

        def behind(changes: Mapping[str, str | None]) -> str:
            query = {**question.kept, **changes, "etter": None}
            return url(request, "reports:organisation_entries", query=query)

        return page(
            request,
            "reports/organisation.html",
            form=question.kept,
            errors={},
            may_record=actor.may_everywhere(Permission.EXPORT),
            choices=_choices(session, actor),
            ways=ways,
            files={
                form.value: url(
                    request, "reports:organisation_file", query=question.kept, form=form.value
                )
                for form in (Format.CSV, Format.XLSX)
            },
            pdf=url(request, "reports:organisation_pdf", query=question.kept),
            twin=url(request, "api:reports:organisation", query=_twin(wanted)),
            **report_context(report, here, behind),
        )


def _refused(
    request: Request, session: Session, actor: Actor, question: Asked, problem: Invalid
) -> Response:
    """What was mistyped, and no figures beside it."""
    typed_as = {"currency": "valuta"}
    errors = {typed_as.get(n, n): gettext(text) for n, text in problem.by_field.items()}
    return page(
        request,
        "reports/organisation.html",
        status=problem.status,
        form=question.kept,
        errors=errors or {"": gettext(problem.detail or problem.title)},
        choices=_choices(session, actor),
        parts=[(each, gettext(text)) for each, text in PARTS.items()],
        report=None,
        twin=None,
    )


def _choices(session: Session, actor: Actor) -> dict[str, list[tuple[str, str]]]:
    return {
        "view": [(each.value, gettext(VIEWS[each])) for each in View],
        "unit": unit_choices(session, actor),
        "place": place_choices(session, actor),
        "source": [(each.value, source_name(each)) for each in SOURCES_IN_ORDER],
        "currency": [(each, each) for each in currencies(session, actor)],
        "category": [(each.id, category_name(each)) for each in session.scalars(categories())],
    }


def _ways(
    request: Request, session: Session, actor: Actor, wanted: Wanted
) -> list[tuple[str, str | None]]:
    """From the whole down to what is chosen, each a report of its own; the last one is here."""
    units, places = trees(session, actor, wanted)
    name, tree, chosen = (
        ("enhet", units, wanted.unit_id) if wanted.unit_id else ("sted", places, wanted.place_id)
    )
    way = [] if chosen is None else way_to(tree, chosen)
    part = "unit" if wanted.unit_id else "place"
    links: list[tuple[str, str | None]] = [
        (
            text,
            url(request, "reports:organisation", query={name: str(node_id), "etter": part})
            if node_id != chosen
            else None,
        )
        for node_id, text in way
    ]
    if not links:
        return []
    return [(gettext(N_("Besparelser")), url(request, "reports:organisation")), *links]


def _twin(wanted: Wanted) -> dict[str, str]:
    names = (
        "view",
        "by",
        "first_year",
        "last_year",
        "unit_id",
        "place_id",
        "source",
        "category_id",
        "currency",
    )
    return {name: str(value) for name in names if (value := getattr(wanted, name)) is not None}


@router.get("/pdf", name="reports:organisation_pdf")
def show_as_pdf(request: Request, actor: SignedIn, db: Db, question: Question) -> Response:
    return as_pdf(request, show(request, actor, db, question))


@router.get("/besparelser.{form}", name="reports:organisation_file")
def as_file(form: Format, actor: SignedIn, db: Db, question: Question) -> Response:
    """The rows as CSV, or as a workbook with years, method and factors in sheets of their own."""
    with db.read() as session:
        report = organisation_report(session, actor, question.wanted())
        if form == Format.JSON:
            return Response(as_json(report), media_type=MEDIA_TYPES[form])
        content = list(as_workbook(session, report) if form == Format.XLSX else as_table(report))
    return StreamingResponse(
        iter(content),
        media_type=MEDIA_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="besparelser.{form.value}"'},
    )
