"""What stands in the menus, and who sees it."""

from collections.abc import Sequence

from app.kit.i18n import N_
from app.kit.navigation import NavItem

NAVIGATION: Sequence[NavItem] = (
    # The first five of "main" are the phone's bottom bar; the scanner stands under the thumb.
    NavItem(N_("Hjem"), "home:show", "home"),
    NavItem(N_("Marked"), "marketplace:browse", "market", "item:read"),
    NavItem(N_("Skann"), "scan:show", "scan", "item:read"),
    NavItem(N_("Møbler"), "items:browse", "chair", "item:read"),
    NavItem(N_("Bestillinger"), "requests:browse", "order", "request:make"),
    NavItem(N_("Prosjekter"), "projects:browse", "project", "project:read", in_bar=False),
    NavItem(N_("Behov"), "needs:browse", "list", "request:make", in_bar=False),
    NavItem(N_("Innboks"), "inbox:browse", "inbox", "case:handle", in_bar=False),
    NavItem(N_("Henvendelser"), "cases:browse", "message", "request:make", placement="person"),
    NavItem(N_("Kurv"), "basket:show", "order", "request:make", placement="person"),
    NavItem(N_("Favoritter"), "favourites:browse", "bookmark", "item:read", placement="person"),
    NavItem(N_("Ønsker"), "wishes:browse", "clock", "request:make", placement="person"),
    NavItem(N_("Varsler"), "notices:browse", "message", placement="person"),
    NavItem(
        N_("Til godkjenning"),
        "approvals:browse",
        "check",
        "reservation:approve",
        placement="person",
    ),
    NavItem(
        N_("Annonser"), "marketplace:listings", "market", "listing:publish", placement="person"
    ),
    NavItem(
        N_("Fra andre virksomheter"),
        "outside:got",
        "inbox",
        "reservation:approve",
        placement="person",
    ),
    NavItem(N_("Kjøpere"), "buyers:browse", "people", "reservation:approve", placement="person"),
    NavItem(
        N_("Ekstern inntekt"),
        "incomes:browse",
        "list",
        "export:make",
        placement="person",
        is_of_all=True,
    ),
    NavItem(N_("Perioder"), "periods:browse", "calendar", "export:make", placement="person"),
    NavItem(
        N_("Årsrapport"),
        "yearly:newest",
        "report",
        "export:make",
        placement="person",
        is_of_all=True,
    ),
    NavItem(N_("Mål"), "goals:newest", "report", "report:read", placement="person"),
    NavItem(N_("Besparelser"), "reports:organisation", "report", "report:read", placement="person"),
    NavItem(N_("Kostnadsdeling"), "costs:browse", "list", "export:make", placement="person"),
    NavItem(N_("Overleveringer"), "handovers:browse", "handover", "item:read", placement="person"),
    NavItem(N_("Kjørelister"), "runs:browse", "calendar", "handover:make", placement="person"),
    NavItem(N_("Oppdrag"), "supplier_orders:browse", "tools", "supplier:order", placement="person"),
    NavItem(N_("Leverandører"), "suppliers:browse", "tools", "supplier:order", placement="person"),
    NavItem(N_("Kassasjon"), "disposals:browse", "trash", "item:edit", placement="person"),
    NavItem(
        N_("Funnmeldinger"),
        "codes:found_reports",
        "inbox",
        "found_report:handle",
        placement="person",
    ),
    NavItem(N_("Registrer"), "items:register", "register", "item:register", placement="person"),
    NavItem(N_("Kartlegging"), "surveys:browse", "register", "item:register", placement="person"),
    NavItem(N_("Flytt møbler"), "moves:new", "scan", "item:edit", placement="person"),
    NavItem(N_("Telling"), "stocktakes:browse", "list", "item:edit", placement="person"),
    NavItem(N_("Kø"), "queue:show", "clock", "item:edit", placement="person"),
    NavItem(N_("Etiketter"), "labelling:show", "label", "label:print", placement="person"),
    NavItem(
        N_("Import og eksport"), "transfer:browse", "import", "export:make", placement="person"
    ),
    NavItem(N_("Modeller"), "catalogue:browse", "ruler", "model:edit", placement="person"),
    NavItem(N_("Faktorer"), "own_factors:browse", "leaf", "model:edit", placement="person"),
    NavItem(
        N_("Miljødeklarasjoner"), "declarations:browse", "leaf", "model:edit", placement="person"
    ),
    NavItem(N_("Steder"), "places:browse", "place", placement="person"),
    NavItem(N_("Plantegninger"), "floorplans:browse", "image", "item:read", placement="person"),
    NavItem(N_("Virksomhet"), "accounts:units", "building", placement="person"),
    NavItem(
        N_("Bestillingsregler"),
        "order_rules:show",
        "settings",
        "organisation:edit",
        placement="person",
    ),
    NavItem(
        N_("Kostnadsregler"),
        "cost_rules:show",
        "settings",
        "organisation:edit",
        placement="person",
        is_of_all=True,
    ),
    NavItem(N_("Nettverk"), "networks:browse", "people", "item:read", placement="person"),
    NavItem(N_("Personer"), "accounts:people", "people", "person:edit", placement="person"),
    NavItem(N_("API-nøkler"), "accounts:tokens", "settings", placement="person"),
    NavItem(N_("Bytt virksomhet"), "accounts:organisations", "building", placement="person"),
    NavItem(N_("Logg ut"), "accounts:sign_out", "sign-out", placement="person", is_post=True),
    NavItem(N_("Logg inn"), "accounts:sign_in", "user", placement="anonymous"),
)
