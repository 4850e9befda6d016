"""The words people read for what suppliers do."""

from collections.abc import Mapping

from app.catalogue.rules import Work
from app.kit.i18n import N_

WORKS: Mapping[Work, str] = {
    Work.CLEAN_OR_REPAIR: N_("Rengjøring eller reparasjon"),
    Work.REUPHOLSTER_OR_REDESIGN: N_("Omtrekk eller redesign"),
    Work.DISMANTLE: N_("Demontering til deler"),
    Work.BUILD_FROM_SURPLUS: N_("Nytt møbel av overskudd"),
    Work.BUY_USED: N_("Kjøp av brukt"),
    Work.BUY_NEW: N_("Kjøp av nytt"),
}
