"""Goals of the organisation, its units and projects; the leader board; and what can be shared."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor, SignedIn
from app.accounts.rules import Permission
from app.goals import service, words
from app.goals.commands import SetGoals
from app.goals.figures import (
    Subject,
    leader_board,
    overview,
    project_goals,
    unit_goals,
)
from app.goals.names import KINDS, MEANINGS
from app.goals.picture import slide
from app.goals.queries import rule_of
from app.goals.rules import Kind, days
from app.goals.words_behind import behind
from app.kit.clock import OSLO
from app.kit.db import clock_of
from app.kit.errors import Invalid, Stale
from app.kit.forms import Submission, submitted
from app.kit.i18n import N_, gettext
from app.kit.page import page, redirect, url
from app.kit.pdf import as_pdf
from app.kit.units import typed_decimal
from app.kit.validation import by_field
from app.kit.web import Db

router = APIRouter(prefix="/mal")
Year = Annotated[int, Path(ge=2000, le=2999)]


class GoalForm(BaseModel):
    """Read by hand: ``goal-waste_g`` and so on, each in the unit that stands beside it."""

    model_config = ConfigDict(extra="ignore")


Form = Annotated[Submission[GoalForm], Depends(submitted(GoalForm))]


@router.get("", name="goals:newest")
def newest(request: Request, actor: SignedIn, db: Db) -> Response:
    """Of the year that it is."""
    actor.must(Permission.REPORT_READ)
    return redirect(request, "goals:browse", year=db.clock.now().astimezone(OSLO).year)


@router.get("/{year}", name="goals:browse")
def browse(request: Request, year: Year, actor: SignedIn, db: Db) -> Response:
    with db.read() as session:
        found = overview(session, actor, year)
        tops = sum(each.depth == 0 for each in found.units)
        units = [
            _with_ways(
                request,
                actor,
                year,
                words.subject_of(each, actor.currency),
                None if tops == 1 and each.depth == 0 else each.id,
            )
            for each in found.units
        ]
        rule = rule_of(session, actor)
        return page(
            request,
            "goals/browse.html",
            year=year,
            years=_years(request, db, year),
            units=units,
            projects=[
                _with_ways(
                    request,
                    actor,
                    year,
                    words.subject_of(each, actor.currency),
                    project_id=each.id,
                )
                for each in found.projects
            ],
            has_goals=any(each["has_goals"] for each in units),
            rule=rule,
            may_switch=actor.may_everywhere(Permission.ORGANISATION_EDIT),
        )


def _with_ways(
    request: Request,
    actor: Actor,
    year: int,
    subject: dict[str, Any],
    unit_id: UUID | None = None,
    project_id: UUID | None = None,
) -> dict[str, Any]:
    """Each line with the way to the entries behind its result."""
    path = partial(url, request)
    for line in subject["lines"]:
        line["behind"] = behind(
            path, actor, year, Kind(line["kind"]), unit_id=unit_id, project_id=project_id
        )
    return subject


def _years(request: Request, db: Db, year: int) -> list[tuple[int, str]]:
    """Last year, this and the next, and the one that is shown."""
    now = db.clock.now().astimezone(OSLO).year
    wanted = sorted({now - 1, now, now + 1, year}, reverse=True)
    return [(each, url(request, "goals:browse", year=each)) for each in wanted]


@router.get("/{year}/enhet/{unit_id}", name="goals:unit")
def show_unit(request: Request, year: Year, unit_id: UUID, actor: SignedIn, db: Db) -> Response:
    with db.read() as session:
        return _show(request, session, actor, year, unit_id=unit_id)


@router.post("/{year}/enhet/{unit_id}", name="goals:set_unit")
def set_unit(
    request: Request, year: Year, unit_id: UUID, form: Form, actor: SignedIn, db: Db
) -> Response:
    return _set(request, db, actor, form.raw, year, unit_id=unit_id)


@router.get("/{year}/prosjekt/{project_id}", name="goals:project")
def show_project(
    request: Request, year: Year, project_id: UUID, actor: SignedIn, db: Db
) -> Response:
    with db.read() as session:
        return _show(request, session, actor, year, project_id=project_id)


@router.post("/{year}/prosjekt/{project_id}", name="goals:set_project")
def set_project(
    request: Request, year: Year, project_id: UUID, form: Form, actor: SignedIn, db: Db
) -> Response:
    return _set(request, db, actor, form.raw, year, project_id=project_id)


def _subject(
    session: Session, actor: Actor, year: int, unit_id: UUID | None, project_id: UUID | None
) -> Subject:
    if unit_id is not None:
        return unit_goals(session, actor, year, unit_id)
    assert project_id is not None
    return project_goals(session, actor, year, project_id)


def _show(
    request: Request,
    session: Session,
    actor: Actor,
    year: int,
    *,
    unit_id: UUID | None = None,
    project_id: UUID | None = None,
    raw: Mapping[str, str] | None = None,
    problem: Invalid | Stale | None = None,
) -> Response:
    subject = _subject(session, actor, year, unit_id, project_id)
    last = _subject(session, actor, year - 1, unit_id, project_id) if year > 2000 else None
    form = words.typed(subject)
    if raw is not None:
        # Who was told that somebody else was first may save over it.
        form |= {**raw, **({"version": form["version"]} if isinstance(problem, Stale) else {})}
    errors: dict[str, str] = {}
    if isinstance(problem, Invalid) and problem.by_field:
        errors = {name: gettext(text) for name, text in problem.by_field.items()}
    elif problem is not None:
        errors = {"": gettext(problem.detail or problem.title)}
    name = "unit" if unit_id else "project"
    where: dict[str, Any] = {"year": year, f"{name}_id": unit_id or project_id}
    passed = days(year, clock_of(session).today())
    return page(
        request,
        "goals/show.html",
        status=problem.status if problem else 200,
        year=year,
        subject=_with_ways(
            request,
            actor,
            year,
            words.subject_of(subject, actor.currency, passed),
            unit_id,
            project_id,
        ),
        is_unit=unit_id is not None,
        fields=[
            (
                f"goal-{line.kind}",
                gettext(KINDS[line.kind]),
                gettext(MEANINGS[line.kind]),
                actor.currency
                if line.kind is Kind.SAVED and actor.currency != "NOK"
                else words.FORM_UNITS[line.kind][0],
                (words.suggestions(last) if last else {}).get(line.kind.value),
            )
            for line in subject.lines
        ],
        form=form,
        errors=errors,
        action=url(request, f"goals:set_{name}", **where),
        twin=url(request, f"api:goals:{name}", **where),
        next_href=url(request, f"goals:{name}", **{**where, "year": year + 1})
        if year < 2999
        else None,
    )


def _set(
    request: Request,
    db: Db,
    actor: Actor,
    raw: Mapping[str, str],
    year: int,
    *,
    unit_id: UUID | None = None,
    project_id: UUID | None = None,
) -> Response:
    try:
        command = _command(raw, year, unit_id, project_id)
        with db.write() as session:
            service.set_goals(session, actor, command)
    except (Invalid, Stale) as problem:
        with db.read() as session:
            return _show(
                request,
                session,
                actor,
                year,
                unit_id=unit_id,
                project_id=project_id,
                raw=raw,
                problem=problem,
            )
    name = "unit" if unit_id else "project"
    where: dict[str, Any] = {"year": year, f"{name}_id": unit_id or project_id}
    said = gettext(N_("Målene er lagret."))
    return redirect(request, f"goals:{name}", message=said, **where)


def _command(
    raw: Mapping[str, str], year: int, unit_id: UUID | None, project_id: UUID | None
) -> SetGoals:
    """The form as the command; an empty field is no goal."""
    errors: dict[str, str] = {}
    targets: list[dict[str, Any]] = []
    for kind in Kind:
        name = f"goal-{kind}"
        text = raw.get(name, "").strip()
        if not text:
            continue
        try:
            target = round(typed_decimal(text) * words.FORM_UNITS[kind][1])
        except ValueError as error:
            errors[name] = gettext(str(error))
            continue
        targets.append({"kind": kind, "target": target})
    version = raw.get("version", "")
    values = {
        "year": year,
        "unit_id": unit_id,
        "project_id": project_id,
        "targets": targets,
        "version": int(version) if version.isdecimal() and len(version) < 10 else 0,
    }
    try:
        command = SetGoals.model_validate(values)
    except ValidationError as error:
        for at, each in enumerate(error.errors()):
            place = each["loc"]
            if place[:1] == ("targets",) and len(place) > 1 and isinstance(place[1], int):
                kind = targets[place[1]]["kind"]
                errors.setdefault(f"goal-{kind}", gettext(OUT_OF_RANGE))
            elif not at:
                raise Invalid(by_field=by_field(error)) from error
    if errors:
        raise Invalid(by_field=errors)
    return command


OUT_OF_RANGE = N_("Skriv et tall over 0, og en andel på høyst 100.")


@router.get("/{year}/tavle", name="goals:board")
def board(
    request: Request,
    year: Year,
    actor: SignedIn,
    db: Db,
    kind: Annotated[Kind, Query(alias="mal")] = Kind.CO2E,
) -> Response:
    with db.read() as session:
        found = leader_board(session, actor, year, kind)
    return page(
        request,
        "goals/board.html",
        found=found,
        kind_name=gettext(KINDS[kind]),
        meaning=gettext(MEANINGS[kind]),
        kinds=[
            (
                each is kind,
                gettext(KINDS[each]),
                url(request, "goals:board", query={"mal": each.value}, year=year),
            )
            for each in Kind
        ],
        rows=[
            (
                each,
                words.count_text(kind, each.value, actor.currency),
                behind(partial(url, request), actor, year, kind, unit_id=each.unit_id),
            )
            for each in found.places
        ],
        twin=url(request, "api:goals:board", query={"kind": kind.value}, year=year),
    )


@router.get("/{year}/oppsummering", name="goals:summary")
def summary(request: Request, year: Year, actor: SignedIn, db: Db) -> Response:
    """The organisation on one page."""
    with db.read() as session:
        found = overview(session, actor, year)
    has_one_top = sum(each.depth == 0 for each in found.units) == 1
    return page(
        request,
        "goals/summary.html",
        year=year,
        text=_with_figures(request, actor, year, words.slide_text(found)),
        units=[
            words.subject_of(each, actor.currency)
            for each in found.units[has_one_top:]
            if each.has_goals
        ],
    )


def _with_figures(
    request: Request, actor: Actor, year: int, text: dict[str, Any]
) -> dict[str, Any]:
    """The slide's figures, each with the way to the entries behind it."""
    for each in text["figures"]:
        each["behind"] = behind(partial(url, request), actor, year, Kind(each["kind"]))
    return text


@router.get("/{year}/oppsummering/pdf", name="goals:summary_pdf")
def summary_as_pdf(request: Request, year: Year, actor: SignedIn, db: Db) -> Response:
    return as_pdf(request, summary(request, year, actor, db))


@router.get("/{year}/bilde", name="goals:picture")
def picture(year: Year, actor: SignedIn, db: Db) -> Response:
    """1920 × 1080, for a slide."""
    with db.read() as session:
        found = overview(session, actor, year)
    name = f'attachment; filename="ombruk-{year}.png"'
    content = slide(words.slide_text(found))
    return Response(content, media_type="image/png", headers={"Content-Disposition": name})
