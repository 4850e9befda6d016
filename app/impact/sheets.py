"""The factor sheets of a file. A row that was read from a copy says so (section 17)."""

from collections.abc import Sequence

from app.impact.tables import FactorSet
from app.impact.views_own import is_from_copy
from app.kit.exports import Column, Sheet, Value
from app.kit.i18n import N_, gettext

FROM_COPY = N_("Lest fra kopi av de britiske faktorene, ikke kontrollert mot den offisielle filen")


def columns() -> list[Column]:
    """Those of the categories' factors."""
    return [
        Column("category_id", gettext(N_("Kode"))),
        Column("category", gettext(N_("Kategori")), 28),
        Column("kind", gettext(N_("Slags verdi"))),
        Column("value", gettext(N_("Verdi"))),
        Column("low", gettext(N_("Lav"))),
        Column("high", gettext(N_("Høy"))),
        Column("unit", gettext(N_("Enhet"))),
        Column("per", gettext(N_("Per"))),
        Column("currency", gettext(N_("Valuta"))),
        Column("price_year", gettext(N_("Prisår"))),
        Column("tier", gettext(N_("Nivå"))),
        Column("is_own", gettext(N_("Egen verdi"))),
        Column("version", gettext(N_("Versjon"))),
        Column("since", gettext(N_("Gjelder fra"))),
        Column("source", gettext(N_("Kilde")), 60),
        Column("is_from_copy", gettext(FROM_COPY), 30),
    ]


def factor_sheets(rows: Sequence[Sequence[Value]], factor_set: FactorSet) -> list[Sheet]:
    """Categories as they count, then materials and transport of the set; exact decimals."""
    tail = [
        Column("quality", gettext(N_("Kvalitet"))),
        Column("source", gettext(N_("Kilde")), 60),
        Column("is_from_copy", gettext(FROM_COPY), 30),
    ]
    per_kg = "kg CO2e/kg"
    materials = [
        Column("material", gettext(N_("Materiale"))),
        Column("production", f"{gettext(N_('Produksjon'))}, {per_kg}"),
        Column("low", gettext(N_("Lav"))),
        Column("high", gettext(N_("Høy"))),
        Column("incineration", f"{gettext(N_('Forbrenning'))}, {per_kg}"),
        Column("recycling", f"{gettext(N_('Gjenvinning'))}, {per_kg}"),
        *tail,
    ]
    transport = [
        Column("code", gettext(N_("Kode")), 24),
        Column("name", gettext(N_("Navn")), 30),
        Column("total", gettext(N_("Faktor"))),
        Column("unit", gettext(N_("Enhet"))),
        *tail,
    ]
    return [
        Sheet(gettext(N_("Kategorier")), columns(), rows),
        Sheet(
            gettext(N_("Materialer")),
            materials,
            [
                (
                    each.material,
                    each.production,
                    each.production_low,
                    each.production_high,
                    each.incineration,
                    each.recycling,
                    each.quality,
                    each.source,
                    is_from_copy(each.source),
                )
                for each in factor_set.materials.values()
            ],
        ),
        Sheet(
            gettext(N_("Transport og strøm")),
            transport,
            [
                (
                    each.code,
                    each.name_nb,
                    each.total,
                    each.unit,
                    each.quality,
                    each.source,
                    is_from_copy(each.source),
                )
                for each in factor_set.transport.values()
            ],
        ),
    ]
