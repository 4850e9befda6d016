"""What states, verbs, conditions, measurements, fields and events are called: messages in bokmål.

They are translated where they are shown.
"""

from collections.abc import Mapping

from app.items.models import IdentifierKind, MeasurementKind, PhotoTaken
from app.items.rules import Condition, Fate, ItemState, ItemVerb, Suitability, Suitable, Verdict
from app.kit.i18n import N_

S, V = ItemState, ItemVerb

STATES: Mapping[ItemState, str] = {
    S.DRAFT: N_("Utkast"),
    S.IN_USE: N_("I bruk"),
    S.AVAILABLE: N_("Ledig"),
    S.IN_WORKSHOP: N_("På verksted"),
    S.IN_TRANSIT: N_("Underveis"),
    S.SOLD: N_("Solgt"),
    S.DONATED: N_("Gitt bort"),
    S.DISMANTLED: N_("Demontert"),
    S.RECYCLED: N_("Materialgjenvunnet"),
    S.DISPOSED: N_("Kassert"),
    S.LOST: N_("Savnet"),
    S.MERGED: N_("Slått sammen"),
    S.DELETED: N_("Slettet"),
}

STATE_TONES: Mapping[ItemState, str] = {
    S.DRAFT: "warning",
    S.AVAILABLE: "success",
    S.IN_WORKSHOP: "info",
    S.IN_TRANSIT: "info",
    S.LOST: "danger",
}
"""Colours of a state's tag; the others are neutral."""

VERBS: Mapping[ItemVerb, str] = {
    V.COMPLETE: N_("Ferdig registrert"),
    V.FREE: N_("Meld ledig"),
    V.TAKE_INTO_USE: N_("Ta i bruk"),
    V.SEND_TO_WORKSHOP: N_("Send til verksted"),
    V.BACK_FROM_WORKSHOP: N_("Tilbake fra verksted"),
    V.MISS: N_("Meld savnet"),
    V.FIND: N_("Meld funnet"),
}
"""The verbs a person does on the piece's page; the others belong to handovers and decisions."""

CONDITIONS: Mapping[Condition, str] = {
    Condition.A: N_("A · som ny"),
    Condition.B: N_("B · god"),
    Condition.C: N_("C · slitt"),
    Condition.D: N_("D · skadet"),
}

CONDITION_HINTS: Mapping[Condition, str] = {
    Condition.A: N_("Ingen synlige spor etter bruk"),
    Condition.B: N_("Litt brukt, alt virker"),
    Condition.C: N_("Tydelig slitt, kan brukes"),
    Condition.D: N_("Må repareres før bruk"),
}

VERDICTS: Mapping[Verdict, str] = {
    Verdict.KEEP: N_("Brukes som det er"),
    Verdict.CLEAN: N_("Rengjøres"),
    Verdict.REPAIR: N_("Repareres"),
    Verdict.REUPHOLSTER: N_("Trekkes om"),
    Verdict.REDESIGN: N_("Redesignes"),
    Verdict.PARTS: N_("Brukes til deler"),
    Verdict.DISPOSE: N_("Kasseres"),
}
SUITABILITIES: Mapping[Suitability, str] = {
    Suitability.NONE: N_("Ikke egnet der det er pasienter"),
    Suitability.WIPEABLE: N_("Tåler avtørking med desinfeksjon"),
    Suitability.BARRIER: N_("Har væskesperre"),
    Suitability.BOTH: N_("Tåler avtørking og har væskesperre"),
}
SUITABLES: Mapping[Suitable, str] = {
    each: SUITABILITIES[Suitability(each.value)] for each in Suitable
}
VERDICT_TONES: Mapping[Verdict, str] = {
    Verdict.KEEP: "success",
    Verdict.CLEAN: "success",
    Verdict.DISPOSE: "danger",
}
"""The others are work to be done."""

FATES: Mapping[Fate, str] = {
    Fate.OFFER: N_("Tilbys andre"),
    Fate.MOVE_ALONG: N_("Flytter med"),
    Fate.REDESIGN: N_("Redesign"),
    Fate.PARTS: N_("Deler"),
    Fate.SELL: N_("Salg"),
    Fate.RECYCLE: N_("Materialgjenvinning"),
}
"""The most useful one first, which is what a form begins with."""

MEASUREMENTS: Mapping[MeasurementKind, str] = {
    MeasurementKind.SEAT_HEIGHT: N_("Setehøyde"),
    MeasurementKind.SEAT_WIDTH: N_("Setebredde"),
    MeasurementKind.SEAT_DEPTH: N_("Setedybde"),
    MeasurementKind.HEIGHT_MIN: N_("Laveste høyde"),
    MeasurementKind.HEIGHT_MAX: N_("Største høyde"),
    MeasurementKind.LENGTH: N_("Lengde"),
    MeasurementKind.DIAMETER: N_("Diameter"),
}

IDENTIFIERS: Mapping[IdentifierKind, str] = {
    IdentifierKind.ASSET_TAG: N_("Gammelt inventarnummer"),
    IdentifierKind.EAN: N_("EAN"),
    IdentifierKind.GIAI: N_("GIAI"),
    IdentifierKind.SERIAL: N_("Serienummer"),
    IdentifierKind.IMPORT_KEY: N_("Nøkkel fra regneark"),
    IdentifierKind.OTHER: N_("Annen kode"),
}

TAKEN: Mapping[PhotoTaken, str] = {
    PhotoTaken.BEFORE: N_("Før"),
    PhotoTaken.AFTER: N_("Etter"),
}

FIELDS: Mapping[str, str] = {
    "state": N_("Tilstand i omløp"),
    "category_id": N_("Kategori"),
    "name": N_("Navn"),
    "product_model_id": N_("Produktmodell"),
    "maker": N_("Produsent"),
    "model": N_("Modell"),
    "colour": N_("Farge"),
    "material": N_("Materiale"),
    "condition": N_("Tilstand"),
    "width_mm": N_("Bredde"),
    "depth_mm": N_("Dybde"),
    "height_mm": N_("Høyde"),
    "mass_g": N_("Vekt"),
    "amount": N_("Mengde"),
    "new_price_ore": N_("Nypris"),
    "owner_unit_id": N_("Eier"),
    "holder_unit_id": N_("Brukes av"),
    "place_id": N_("Sted"),
    "parent_id": N_("Sitter på"),
    "note": N_("Merknad"),
    "reason": N_("Begrunnelse"),
    "taken": N_("Før eller etter"),
    "project": N_("Prosjekt"),
    "fate": N_("Planlagt for møbelet"),
    "free_from": N_("Ledig fra"),
    "gone_by": N_("Må være borte innen"),
    **{kind.value: name for kind, name in MEASUREMENTS.items()},
    **{kind.value: name for kind, name in IDENTIFIERS.items()},
}

EVENTS: Mapping[str, str] = {
    "item-registered": N_("Registrert"),
    "item-edited": N_("Endret"),
    "item-moved": N_("Flyttet"),
    "item-completed": N_("Ferdig registrert"),
    "item-freed": N_("Meldt ledig"),
    "item-taken-into-use": N_("Tatt i bruk"),
    "item-sent-to-workshop": N_("Sendt til verksted"),
    "item-back-from-workshop": N_("Tilbake fra verksted"),
    "item-picked-up": N_("Hentet"),
    "item-received": N_("Mottatt"),
    "item-returned": N_("Overlevering angret"),
    "item-given-back": N_("Levert tilbake"),
    "item-dismantled": N_("Demontert"),
    "item-exchanged-away": N_("Byttet ut på en bestilling"),
    "item-exchanged-for": N_("Satt inn på en bestilling i stedet for et annet"),
    "item-left": N_("Ut av virksomheten"),
    "item-restored": N_("Kassering omgjort"),
    "item-missed": N_("Meldt savnet"),
    "item-found": N_("Meldt funnet"),
    "item-merged": N_("Slått sammen med et annet møbel"),
    "item-deleted": N_("Slettet"),
    "item-identified": N_("Ekstern kode lagt til"),
    "item-release-planned": N_("Satt på et prosjekt"),
    "item-release-edited": N_("Planen i prosjektet endret"),
    "item-release-freed": N_("Ledig fra prosjektet"),
    "item-release-cancelled": N_("Tatt av prosjektet"),
    "item-release-allocated": N_("Satt av til et behov"),
    "item-release-given-back": N_("Ikke lenger satt av til et behov"),
    "item-release-gone": N_("Har forlatt prosjektet"),
    "item-release-returned": N_("Tilbake på prosjektet"),
    "photo-added": N_("Bilde lagt til"),
    "photo-marked": N_("Bilde merket"),
    "photo-removed": N_("Bilde fjernet"),
    "photo-purged": N_("Bilde slettet for godt"),
    "code-bound": N_("Etikett festet"),
    "label-replaced": N_("Etikett erstattet"),
    "item-assessed": N_("Vurdert"),
    "item-found-reported": N_("Funnmelding mottatt"),
    "found-report-closed": N_("Funnmelding lukket"),
    "found-report-reopened": N_("Funnmelding åpnet igjen"),
    "codes-printed": N_("Etiketter laget"),
    "print-batch-cancelled": N_("Ubrukte etiketter trukket tilbake"),
}

EVENT_ICONS: Mapping[str, str] = {
    "item-registered": "register",
    "item-edited": "edit",
    "item-moved": "place",
    "item-picked-up": "handover",
    "item-received": "check",
    "item-assessed": "check",
    "item-sent-to-workshop": "tools",
    "item-merged": "merge",
    "item-deleted": "trash",
    "item-release-planned": "project",
    "item-release-edited": "project",
    "item-release-freed": "project",
    "item-release-cancelled": "project",
    "item-release-allocated": "project",
    "item-release-given-back": "project",
    "item-release-gone": "project",
    "item-release-returned": "project",
    "photo-added": "camera",
    "photo-marked": "image",
    "photo-removed": "image",
    "photo-purged": "trash",
    "code-bound": "label",
    "label-replaced": "label",
    "item-found-reported": "message",
}
