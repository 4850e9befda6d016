"""What capabilities show on the pages of others: one of the composition root's tables, in its own file."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import app.costs.panels
import app.declarations.panels
import app.disposals.panels
import app.fieldwork.panels
import app.floorplans.panels
import app.handovers.panels
import app.inbox.panels
import app.items.panels
import app.labelling.pages_printers
import app.ledger.panels
import app.marketplace.panels
import app.marketplace.service_bulk
import app.planning.panels
import app.projects.panels
import app.reports.panels
import app.workshop.panels

PANELS: Mapping[str, Sequence[Callable[[Any, Any, Any], tuple[str, dict[str, Any]] | None]]] = {
    "piece": (
        app.items.panels.piece,
        app.fieldwork.panels.piece,
        app.projects.panels.piece,
        app.marketplace.panels.on_piece,
        app.handovers.panels.piece,
        app.workshop.panels.piece,
        app.inbox.panels.piece,
        app.disposals.panels.piece,
        app.ledger.panels.piece,
        app.declarations.panels.piece,
        app.labelling.pages_printers.piece_panel,
    ),
    "model": (app.declarations.panels.model,),
    "place": (
        app.floorplans.panels.place,
        app.fieldwork.panels.place,
        app.labelling.pages_printers.place_panel,
    ),
    "project": (
        app.planning.panels.project,
        app.floorplans.panels.project,
        app.reports.panels.project,
    ),
    "home": (app.marketplace.panels.on_home, app.reports.panels.home, app.costs.panels.home),
    "basket": (app.costs.panels.basket,),
    "request": (app.costs.panels.request,),
    "supplier_order": (app.costs.panels.supplier_order,),
}
"""Slot → what capabilities further right show there: ``(session, actor, subject)``."""

BULK = (app.marketplace.service_bulk.OFFER,)
"""Verbs of capabilities to the right of field work for its list of pieces."""

DECLARED = app.declarations.panels.of_models
"""What product models' JSON says of the declarations behind them."""

SIGNS = (
    app.items.panels.SIGNS,
    app.projects.panels.SIGNS,
    app.marketplace.panels.SIGNS,
    app.handovers.panels.SIGNS,
    app.workshop.panels.SIGNS,
    app.inbox.panels.SIGNS,
    app.disposals.panels.SIGNS,
    app.declarations.panels.SIGNS,
)
"""What the panels of a piece's page want to know of it beforehand: name and condition."""
