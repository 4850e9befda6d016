"""The words people read for the parts of a year."""

from collections.abc import Mapping

from app.kit.i18n import N_
from app.yearly.rules import Way

WAYS: Mapping[Way, str] = {
    Way.REUSE: N_("Ombruk"),
    Way.MENDED: N_("Omtrukket og redesignet"),
    Way.BOUGHT_USED: N_("Kjøpt brukt"),
    Way.LEFT: N_("Solgt, gitt bort eller kassert"),
    Way.NEW: N_("Kjøpt nytt"),
}
