"""The organisation's own factors as pages: what counts, what has counted, and setting another."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.catalogue.models import Category
from app.catalogue.queries import GROUP_NAMES, category_name
from app.impact import views_own
from app.impact.commands import SetOverride, WithdrawOverride
from app.impact.facts import FactorKind
from app.impact.files import BODY_BYTES, stored, uploaded
from app.impact.names import TIERS
from app.impact.queries import factors_of
from app.impact.service_own import (
    STATED_TIERS,
    add_document,
    set_overrides,
    withdraw_overrides,
)
from app.impact.sheets import columns, factor_sheets
from app.kit.errors import Invalid, NotFound, Problem
from app.kit.exports import MEDIA_TYPES, Format, as_book, as_csv
from app.kit.files import Files
from app.kit.forms import FILL_IN, STALE, Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.page import page, redirect, url
from app.kit.text import PRINTABLE
from app.kit.units import typed_decimal
from app.kit.validation import by_field
from app.kit.web import Db

router = APIRouter(prefix="/egne-faktorer")

CategoryId = Annotated[str, Path(max_length=40), PRINTABLE]


class FactorForm(BaseModel):
    """Read by hand: what is typed is in kg, kr or years, by the kind of factor."""

    model_config = ConfigDict(extra="ignore")


SetForm = Annotated[Submission[FactorForm], Depends(uploaded(FactorForm))]
WithdrawForm = Annotated[Submission[FactorForm], Depends(submitted(FactorForm))]


@router.get("", name="own_factors:browse")
def browse(request: Request, actor: SignedIn, db: Db) -> Response:
    """Each category's factors as they count for this organisation, own ones marked."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        found = views_own.effective(session, actor)
        set_id = factors_of(session).factor_set.id
    groups: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in GROUP_NAMES}
    for each in found:
        rows = groups.setdefault(each.category.group, {})
        row = rows.setdefault(
            each.category.id,
            {"id": each.category.id, "name": category_name(each.category), "factors": []},
        )
        row["factors"].append(views_own.shown(each))
    return page(
        request,
        "impact/own_factors.html",
        groups=[
            (key, gettext(GROUP_NAMES.get(key, key)), list(rows.values()))
            for key, rows in groups.items()
            if rows
        ],
        own=sum(each.own is not None for each in found),
        factor_set_id=set_id,
        may_edit=actor.may_everywhere(Permission.MODEL_EDIT),
        twin=url(request, "api:factors:list"),
    )


@router.get("/fil.csv", name="own_factors:csv")
def download_csv(actor: SignedIn, db: Db) -> Response:
    """The factors of the categories as they count, one row each."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        rows = list(views_own.file_rows(views_own.effective(session, actor)))
    return _file(as_csv(columns(), rows), Format.CSV)


@router.get("/fil.xlsx", name="own_factors:xlsx")
def download_xlsx(actor: SignedIn, db: Db) -> Response:
    """Categories, materials and transport, each a sheet; rows read from a copy say so."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        rows = list(views_own.file_rows(views_own.effective(session, actor)))
        sheets = factor_sheets(rows, factors_of(session).factor_set)
    return _file(as_book(sheets), Format.XLSX)


def _file(content: Iterable[bytes], form: Format) -> Response:
    name = f"faktorer.{form.value}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(content, media_type=MEDIA_TYPES[form], headers=headers)


@router.get("/{category_id}", name="own_factors:show")
def show(request: Request, category_id: CategoryId, actor: SignedIn, db: Db) -> Response:
    """One category: what counts, the forms that set and withdraw, and every version."""
    actor.must(Permission.ITEM_READ)
    with db.read() as session:
        return _show(request, session, actor, category_id)


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    category_id: str,
    *,
    at: str = "",
    form: Mapping[str, str] | None = None,
    problem: Problem | None = None,
) -> Response:
    category = session.scalar(select(Category).where(Category.id == category_id))
    found = views_own.effective(session, actor, category_id)
    if category is None or not found:
        raise NotFound(N_("Fant ikke kategorien."))
    errors: dict[str, str] = {}
    if isinstance(problem, Invalid) and problem.by_field:
        errors = {f"{at}-{name}": gettext(text) for name, text in problem.by_field.items()}
        errors = {name.removesuffix("-"): text for name, text in errors.items()}
    elif problem is not None:
        text = gettext(STALE) if problem.status == 412 else gettext(problem.detail or problem.title)
        errors = {f"{at}-file" if problem.status in {413, 415} else "": text}
    factors = []
    for each in found:
        own = views_own.typed(each)
        if each.kind.value == at and form is not None:
            # Who was told that somebody else was first may save over it.
            own = {**form, "version": own["version"]} if problem else dict(form)
        fields = {f"{each.kind.value}-{name}": value for name, value in own.items()}
        factors.append({**views_own.shown(each), "form": fields})
    return page(
        request,
        "impact/own_factor.html",
        status=problem.status if problem else 200,
        category=category,
        name=category_name(category),
        factors=factors,
        history=views_own.history(session, actor, category_id),
        tiers=[(each.value, gettext(TIERS[each])) for each in STATED_TIERS],
        currency=actor.currency,
        at=at,
        errors=errors,
        may_edit=actor.may_everywhere(Permission.MODEL_EDIT),
        twin=url(request, "api:factors:get", category_id=category_id),
    )


@router.post("/{category_id}", name="own_factors:set", max_body_size=BODY_BYTES)
def set_factor(
    request: Request, category_id: CategoryId, form: SetForm, actor: SignedIn, db: Db
) -> Response:
    actor.must_everywhere(Permission.MODEL_EDIT)
    raw, at = _typed(form)
    try:
        command = _command(category_id, raw)
        sent = form.files.get(f"{at}-file", [])
        files: Files = request.app.state.files
        document = stored(files, actor, sent[0]) if sent else None
        with db.write() as session:
            if document is not None:
                row = add_document(session, actor, document)
                command = command.model_copy(update={"document_id": row.id})
            set_overrides(session, actor, [command])
    except Problem as problem:
        with db.read() as session:
            return _show(request, session, actor, category_id, at=at, form=raw, problem=problem)
    message = gettext(N_("Den egne verdien gjelder fra nå. Det som er bokført, endres ikke."))
    return redirect(request, "own_factors:show", message=message, category_id=category_id)


def _typed(form: Submission[FactorForm]) -> tuple[dict[str, str], str]:
    """The fields without the kind that stands before each of them on the page, and the kind."""
    at = form.raw.get("kind", "")
    prefix = f"{at}-"
    raw = {
        name.removeprefix(prefix): value.replace("\x00", "")
        for name, value in form.raw.items()
        if name.startswith(prefix)
    }
    return {**raw, "kind": at}, at if at in {each.value for each in FactorKind} else ""


def _command(category_id: str, raw: Mapping[str, str]) -> SetOverride:
    """The form as the command. Raises ``Invalid`` with a message at each field."""
    errors: dict[str, str] = {}
    values: dict[str, object] = {"category_id": category_id, "kind": raw.get("kind", "")}
    kind = raw.get("kind", "")
    per = next((per for each, per in views_own.TYPED_PER.items() if each.value == kind), 1)
    for name in ("value", "low", "high"):
        text = raw.get(name, "").strip()
        if not text:
            continue
        try:
            values[name] = _whole(text, per)
        except ValueError as error:
            errors[name] = gettext(str(error))
    if "value" not in values and "value" not in errors:
        errors["value"] = gettext(FILL_IN)
    for name in ("tier", "source", "reason", "currency", "price_year"):
        text = raw.get(name, "").strip()
        if text:
            values[name] = text.upper() if name == "currency" else text
    values["version"] = raw.get("version", "") or 0
    try:
        command = SetOverride.model_validate(values)
    except ValidationError as error:
        raise Invalid(by_field={**by_field(error), **errors}) from error
    if errors:
        raise Invalid(by_field=errors)
    return command


def _whole(text: str, per: int) -> int:
    number = typed_decimal(text) * per
    if number < 0:
        raise ValueError(N_("Skriv et tall som ikke er negativt."))
    if number != number.to_integral_value():
        raise ValueError(N_("Tallet har flere desimaler enn vi regner med."))
    return int(number)


@router.post("/{category_id}/trekk-tilbake", name="own_factors:withdraw")
def withdraw(
    request: Request, category_id: CategoryId, form: WithdrawForm, actor: SignedIn, db: Db
) -> Response:
    actor.must_everywhere(Permission.MODEL_EDIT)
    raw, at = _typed(form)
    try:
        try:
            command = WithdrawOverride.model_validate(
                {
                    "category_id": category_id,
                    "kind": raw.get("kind", ""),
                    "version": raw.get("version", "") or 0,
                    "reason": raw.get("why", ""),
                }
            )
        except ValidationError as error:
            wrong = by_field(error)
            if "reason" in wrong:
                wrong["why"] = wrong.pop("reason")
            raise Invalid(by_field=wrong) from error
        with db.write() as session:
            withdraw_overrides(session, actor, [command])
    except Problem as problem:
        with db.read() as session:
            return _show(request, session, actor, category_id, at=at, problem=problem)
    message = gettext(N_("Den egne verdien er trukket tilbake. Faktorsettets verdi gjelder igjen."))
    return redirect(request, "own_factors:show", message=message, category_id=category_id)


def disposition(name: str, suffix: str) -> str:
    """For download, under a name that a header can hold and under the one it has."""
    plain = "".join(each if each.isascii() and each.isalnum() else "_" for each in name)
    return f"attachment; filename=\"{plain}.{suffix}\"; filename*=UTF-8''{quote(name, safe='')}"
