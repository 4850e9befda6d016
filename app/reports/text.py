"""The report for a terminal: what a person wants to know first, in plain lines."""

from collections.abc import Iterator

from app.kit.i18n import date, datetime_, gettext, money_ore, number
from app.reports.figures import ProjectSummary, Savings
from app.reports.words import NOT_CALCULATED, grams, kroner, percent_text, source_name


def as_text(report: ProjectSummary) -> str:
    return "\n".join([*_lines(report), ""])


def _lines(report: ProjectSummary) -> Iterator[str]:
    project, programme, basis = report.project, report.programme, report.basis
    yield f"{project.name} ({gettext('prosjekt')} {project.number}), {project.unit}"
    if project.from_date or project.until_date:
        yield f"{date(project.from_date)} – {date(project.until_date)}"
    yield ""
    total = report.reuse.by_pieces
    if total is None:
        yield gettext("Ingen møbler dekker behovsprogrammet ennå.")
    else:
        yield gettext(
            "Ombruksandel: %(without)s uten og %(with_used)s med kjøpt brukt",
            without=percent_text(total.without_bought_used),
            with_used=percent_text(total.with_bought_used),
        )
        for source in report.sources:
            share = (report.shares.by_pieces or {})[source.source]
            name = source_name(source.source)
            yield f"  {name:<26}{number(source.pieces):>8}{percent_text(share):>10}"
        yield f"  {gettext('Uten')}: {total.formula_without}"
        yield f"  {gettext('Med')}:  {total.formula_with}"
    yield ""
    yield gettext("Brutto (aktivitet)")
    yield from _savings(report.totals.gross, report.currency)
    yield gettext("Netto (etter fortrengning og gjenværende levetid)")
    yield from _savings(report.totals.net, report.currency)
    if report.external_income.sales:
        yield gettext(
            "Ekstern inntekt ved siden av, uten merverdiavgift: %(amount)s",
            amount=money_ore(report.external_income.net_ore, report.currency),
        )
    yield ""
    yield gettext(
        "Behovsprogram: %(met)s av %(needed)s møbler dekket, %(open)s gjenstår, %(cancelled)s avlyst",
        met=number(programme.fulfilled_pieces),
        needed=number(programme.quantity),
        open=number(programme.open_pieces),
        cancelled=number(programme.cancelled_pieces),
    )
    if report.coverage.best_share is not None:
        share_text = percent_text(report.coverage.best_share)
        yield gettext("%(share)s av kg CO2e hviler på kvalitet T1–T2", share=share_text)
    if basis.without_entry:
        yield gettext(
            "%(n)s møbler har fulgt brukeren og står uten besparelse", n=number(basis.without_entry)
        )
    sets = ", ".join(basis.factor_sets) or "–"
    yield gettext("Faktorsett %(sets)s. Ikke trukket fra i klimaregnskapet.", sets=sets)
    yield gettext(
        "Laget %(when)s. Kjedens hode: %(digest)s",
        when=datetime_(basis.made_at),
        digest=basis.chain_head,
    )


def _savings(found: Savings, currency: str) -> Iterator[str]:
    about = gettext("ca.")
    shown = [
        (gettext("Unngått utslipp"), grams(found.co2e_g)),
        (gettext("Unngått avfall"), grams(found.waste_g)),
    ]
    if found.saved_ore is not None:
        shown.append((gettext("Spart"), kroner(found.saved_ore, currency)))
    for label, (value, unit, spread) in shown:
        behind = f"{unit} CO2e" if label == gettext("Unngått utslipp") else unit
        around = f" ({spread})" if spread else ""
        yield f"  {label:<18}{about} {value} {behind}{around}"
    if found.saved_ore is None:
        yield f"  {gettext('Spart'):<18}{gettext(NOT_CALCULATED)}"
    if found.not_calculated:
        yield "  " + gettext(
            "%(n)s møbler har ikke beregnet utslipp", n=number(found.not_calculated)
        )
