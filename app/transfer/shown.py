"""What the import's pages and JSON show: lines, choices, messages."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.queries import unit_choices
from app.catalogue.queries import GROUP_NAMES, categories, category_name
from app.kit.errors import Invalid, Problem
from app.kit.i18n import N_, gettext, number
from app.kit.states import allows
from app.places.queries import place_choices
from app.transfer import choosing, queries
from app.transfer.mapping import built_in_names
from app.transfer.models import ImportRun, SavedMapping
from app.transfer.names import FIELDS, STATES, TONES, WARNINGS
from app.transfer.numbers import Style
from app.transfer.service import How
from app.transfer.states import MACHINE, ImportVerb

SHOWN_ROWS = 100


def errors_of(problem: Problem, field: str) -> dict[str, str]:
    """The refusal at the form's fields; what is about no field stands at ``field``."""
    if isinstance(problem, Invalid) and problem.by_field:
        return {name: gettext(text) for name, text in problem.by_field.items()}
    title, detail = gettext(problem.title), gettext(problem.detail)
    if detail and problem.values:
        detail = detail % problem.values
    # A detail that begins as the title does says the whole.
    whole = detail if detail.startswith(title.rstrip(".")) else f"{title} {detail}".strip()
    return {field: whole}


def mapping_options(session: Session, actor: Actor) -> list[tuple[str, str]]:
    own = [(each.name, each.name) for each in saved(session, actor)]
    names = {name for name, _ in own}
    built_in = [(name, f"{name} ({gettext(N_('følger med'))})") for name in built_in_names()]
    return own + [each for each in built_in if each[0] not in names]


def saved(session: Session, actor: Actor) -> list[SavedMapping]:
    return list(session.scalars(queries.mappings_visible_to(actor).order_by("name")))


def saved_mappings(session: Session, actor: Actor) -> list[dict[str, Any]]:
    return [{"id": each.id, "name": each.name} for each in saved(session, actor)]


def run_line(run: ImportRun) -> dict[str, Any]:
    report = run.report
    return {
        "id": run.id,
        "file_name": run.file_name or gettext(N_("Uten navn")),
        "state": gettext(STATES[run.state]),
        "tone": TONES[run.state],
        "created_at": run.created_at,
        "text": gettext(
            N_("%(created)s nye, %(updated)s endret, %(bad)s feil"),
            created=number(report["created"]),
            updated=number(report["updated"]),
            bad=number(report["bad_rows"]),
        ),
    }


def run_page(
    session: Session, actor: Actor, run: ImportRun, form: Mapping[str, str] | None
) -> dict[str, Any]:
    """The preview's page: counts, lines, and the form of how the sheet is read."""
    report, how = run.report, How.model_validate(run.mapping)
    fields = choosing.shown_fields(report["columns"], how.mapping)
    warned = Counter(report["warning_counts"])
    return {
        "run": run,
        "line": run_line(run),
        "report": report,
        "may_apply": allows(MACHINE, run.state, ImportVerb.APPLY),
        "may_undo": allows(MACHINE, run.state, ImportVerb.UNDO),
        "has_work": bool(report["created"] or report["updated"]),
        "bad_rows": [
            (each["row"], f"{each['column']} {each['header']}".strip(), each["value"] or "–",
             each["reason"])
            for each in report["bad"][:SHOWN_ROWS]
        ],
        "repeats": [
            (each["row"], each["first_row"], each["key"],
             gettext(N_("Ja")) if each["differs"] else gettext(N_("Nei")))
            for each in report["repeats"][:SHOWN_ROWS]
        ],
        "warning_kinds": [
            (gettext(WARNINGS.get(kind, kind)), number(count)) for kind, count in warned.items()
        ],
        "warnings": [
            (each["row"], gettext(WARNINGS.get(each["kind"], each["kind"])), each["value"] or "–",
             each["text"])
            for each in report["warnings"][:SHOWN_ROWS]
        ],
        "warned": warned.total(),
        "columns": [
            {**column, "name": f"column-{index}", "field": field,
             "field_name": gettext(FIELDS[field]) if field else ""}  # type: ignore[index]
            for index, (column, field) in enumerate(zip(report["columns"], fields, strict=True))
        ],
        "words": report.get("unknown_words", []),
        "form": form if form is not None else _form(how),
        "field_options": [(each.value, gettext(name)) for each, name in FIELDS.items()],
        "length_options": [(each, each) for each in choosing.LENGTH_UNITS],
        "mass_options": [(each, each) for each in choosing.MASS_UNITS],
        "decimal_options": [
            (Style.COMMA.value, gettext(N_("Komma: 12,5"))),
            (Style.POINT.value, gettext(N_("Punktum: 12.5"))),
        ],
        "vat_options": [
            ("without", gettext(N_("Uten mva"))), ("with", gettext(N_("Med mva"))),
        ],
        "category_options": category_options(session),
        "unit_options": unit_choices(session, actor),
        "place_options": place_choices(session, actor),
    }  # fmt: skip


def _form(how: How) -> dict[str, str]:
    mapping = how.mapping
    form = {"unit_id": str(how.unit_id), "place_id": str(how.place_id)}
    if mapping is None:
        return form
    with_vat = {None: "", True: "with", False: "without"}[mapping.with_vat]
    return form | {
        "name": "" if mapping.name == choosing.OWN_NAME else mapping.name,
        "length_unit": mapping.length_unit or "",
        "mass_unit": mapping.mass_unit or "",
        "decimals": mapping.decimals.value if mapping.decimals else "",
        "currency": mapping.currency or "",
        "rate": number(mapping.rate) if mapping.rate else "",
        "with_vat": with_vat,
    }


def category_options(session: Session) -> list[tuple[str, list[tuple[str, str]]]]:
    by_group: dict[str, list[tuple[str, str]]] = {}
    for each in session.scalars(categories()):
        by_group.setdefault(each.group, []).append((each.id, category_name(each)))
    return [(gettext(GROUP_NAMES.get(group, group)), rows) for group, rows in by_group.items()]


def as_json(run: ImportRun) -> dict[str, Any]:
    """The run and its report; of each list of lines the first thousand."""
    moments = {
        name: moment.isoformat() if moment else None
        for name, moment in (
            ("created_at", run.created_at),
            ("applied_at", run.applied_at),
            ("undone_at", run.undone_at),
        )
    }
    how = How.model_validate(run.mapping)
    report = {name: value for name, value in run.report.items() if name != "mark"}
    return {
        "id": str(run.id),
        "state": run.state.value,
        "file_name": run.file_name,
        "mapping": how.mapping.name if how.mapping else None,
        "unit_id": str(how.unit_id),
        "place_id": str(how.place_id),
        **moments,
        "report": report,
    }
