"""What people read for fields, warnings and states of an import."""

from collections.abc import Mapping

from app.kit.i18n import N_
from app.transfer.headers import Field
from app.transfer.states import ImportState

WARNINGS: Mapping[str, str] = {
    "unknown_category": N_("Uten kategori"),
    "no_key": N_("Uten nøkkel"),
    "no_measurements": N_("Uten mål"),
    "price_zero": N_("Pris 0, regnet som ukjent"),
    "draft": N_("Registreres som utkast"),
    "cut": N_("For lang tekst, resten i merknaden"),
    "unknown_unit": N_("Ukjent enhet"),
    "quantity": N_("Endret antall"),
}

STATES: Mapping[ImportState, str] = {
    ImportState.STAGING: N_("Leses inn"),
    ImportState.PREVIEWED: N_("Forhåndsvist"),
    ImportState.APPLIED: N_("Importert"),
    ImportState.UNDONE: N_("Angret"),
}
TONES: Mapping[ImportState, str] = {
    ImportState.STAGING: "neutral",
    ImportState.PREVIEWED: "info",
    ImportState.APPLIED: "success",
    ImportState.UNDONE: "neutral",
}

FIELDS: Mapping[Field, str] = {
    Field.KEY: N_("Nøkkel"),
    Field.NAME: N_("Navn"),
    Field.CATEGORY: N_("Kategori"),
    Field.DESCRIPTION: N_("Beskrivelse"),
    Field.MAKER: N_("Produsent"),
    Field.MODEL: N_("Modell"),
    Field.COLOUR: N_("Farge"),
    Field.MATERIAL: N_("Materiale"),
    Field.CONDITION: N_("Tilstand"),
    Field.WIDTH: N_("Bredde"),
    Field.DEPTH: N_("Dybde"),
    Field.HEIGHT: N_("Høyde"),
    Field.LENGTH: N_("Lengde"),
    Field.DIAMETER: N_("Diameter"),
    Field.SEAT_HEIGHT: N_("Sittehøyde"),
    Field.MEASUREMENTS: N_("Mål (B × D × H)"),
    Field.MASS: N_("Vekt"),
    Field.PRICE: N_("Nypris"),
    Field.CURRENCY: N_("Valuta"),
    Field.QUANTITY: N_("Antall"),
    Field.PROPERTY: N_("Eiendom"),
    Field.BUILDING: N_("Bygning"),
    Field.FLOOR: N_("Etasje"),
    Field.ROOM: N_("Rom"),
    Field.PLACE: N_("Sted"),
    Field.UNIT: N_("Enhet"),
    Field.COST_CENTRE: N_("Kostnadssted"),
    Field.SERIAL: N_("Serienummer"),
    Field.EAN: N_("EAN"),
    Field.ACQUIRED: N_("Anskaffet"),
    Field.NOTE: N_("Merknad"),
    Field.PHOTO: N_("Bilde"),
}
"""In the order of a choice."""
