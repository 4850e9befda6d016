"""The demo story: played through the services, so that every piece, request and receipt has its event.

Nothing here writes a row that a verb could write: what the demo shows is what the program does.
"""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.catalogue.models import ProductModel
from app.catalogue.service import RegisterModel, register_model
from app.demo import floor, goals, inbox, lensmannslia, outgoing, public
from app.demo.drawing_floor import FIRST_FLOOR, draw_floor
from app.demo.drawings import KIND_OF_CATEGORY, draw
from app.demo.furniture import LOTS, MODELS, SURPLUS, Lot
from app.demo.stage import ORGANISATION, Stage, set_stage
from app.impact.rules import WouldHave
from app.items.commands import Register
from app.items.models import PhotoTaken
from app.items.service import register
from app.items.service_photo_files import store, store_first
from app.items.service_photos import AddPhoto, add_photos
from app.kit import chance
from app.kit.clock import MovedClock
from app.kit.db import Database
from app.kit.files import Files
from app.marketplace.commands import Approve, Offer, Order, OrderLine
from app.marketplace.rules import RefusalReason
from app.marketplace.service import approve, offer, order

START = datetime(2026, 1, 12, 8, 0, tzinfo=UTC)


def play(
    database: Database, files: Files, clock: MovedClock, *, until: date | None = None
) -> Stage:
    """Plays the whole story into an empty, migrated database, under a clock that it moves.

    Codes, ids, pictures and figures are the same every time; only passwords are salted anew. What is
    still to be done (requests, cases, visits, the run sheet) comes in the two days before ``until``,
    so that it is not old when somebody looks at it; without that day it follows the rest.
    """
    clock.at = START
    with chance.given(ORGANISATION, int(START.timestamp() * 1000)):
        return _played(database, files, clock, until)


def _played(database: Database, files: Files, clock: MovedClock, until: date | None) -> Stage:
    with database.write() as session:
        stage = set_stage(session)
    with database.write() as session:
        models = _models(session, stage)
    _pictures(database, files, stage, models)
    with database.write() as session:
        clock.move(timedelta(days=3))
        _register(session, stage, models, LOTS)
        clock.move(timedelta(days=2))
        unwanted = _register(session, stage, models, public.LOTS)
        clock.move(timedelta(days=2))
        stock = _register(session, stage, models, SURPLUS)
    with database.write() as session:
        clock.move(timedelta(days=7))
        _offer(session, stage, clock, stock)
    with database.write() as session:
        ids = {key: model.id for key, model in models.items()}
        lensmannslia.play(session, stage, clock, stock, ids)
    _reupholstered(database, files, stage)
    with database.write() as session:
        goals.play(session, stage, clock)
        clock.move(timedelta(days=3))
        if until is not None:
            lately = datetime.combine(until - timedelta(days=2), START.timetz())
            clock.at = max(clock.at, lately)
        _everyday(session, stage, clock)
    photo = store(files, stage.org_id, draw(KIND_OF_CATEGORY["CHAIR_TASK"], "grå", 3))
    with database.write() as session:
        clock.move(timedelta(hours=16))
        inbox.play(session, stage, clock, photo)
        outgoing.play(session, stage, clock)
    with database.write() as session:
        clock.move(timedelta(hours=2))
        public.play(session, stage, clock, unwanted)
    (picture,) = store_first(files, stage.org_id, draw_floor(FIRST_FLOOR))
    with database.write() as session:
        clock.move(timedelta(minutes=40))
        floor.play(session, stage, picture)
    return stage


def _models(session: Session, stage: Stage) -> dict[str, ProductModel]:
    made = register_model(
        session,
        stage.actors["manager"],
        [
            RegisterModel(
                category_id=each.category,
                maker=each.maker,
                name=each.name,
                width_mm=each.width,
                depth_mm=each.depth,
                height_mm=each.height,
                mass_g=each.mass,
                new_price_ore=each.price * 100 if each.price else None,
            )
            for each in MODELS
        ],
    )
    return {each.key: model for each, model in zip(MODELS, made, strict=True)}


def _pictures(
    database: Database, files: Files, stage: Stage, models: dict[str, ProductModel]
) -> None:
    """One picture a model, drawn by the program. Files first, then the row, as for any photo."""
    for number, each in enumerate(MODELS):
        picture = draw(KIND_OF_CATEGORY[each.category], each.colour, number)
        stored = store(files, stage.org_id, picture)
        command = AddPhoto(
            product_model_id=models[each.key].id, alt=f"{each.maker} {each.name}"[:60]
        )
        with database.write() as session:
            add_photos(session, stage.actors["manager"], command, [stored])


def _reupholstered(database: Database, files: Files, stage: Stage) -> None:
    """The sofas that got new cloth, as they were and as they are."""
    with database.read() as session:
        sofas = lensmannslia.redesigned(session, stage.org_id, "SOFA_2")
    look = next(each for each in MODELS if each.key == "pause")
    pictures = [
        (taken, store(files, stage.org_id, draw(KIND_OF_CATEGORY[look.category], colour, 1)))
        for taken, colour in ((PhotoTaken.BEFORE, look.colour), (PhotoTaken.AFTER, "lys grønn"))
    ]
    with database.write() as session:
        for item_id in sofas:
            for taken, stored in pictures:
                command = AddPhoto(item_id=item_id, taken=taken)
                add_photos(session, stage.actors["manager"], command, [stored])


def _register(
    session: Session, stage: Stage, models: dict[str, ProductModel], lots: tuple[Lot, ...]
) -> dict[str, list[UUID]]:
    """Registers the lots; gives model → ids of its pieces."""
    looks = {each.key: each for each in MODELS}
    pieces: dict[str, list[UUID]] = {}
    for lot in lots:
        look, model = looks[lot.model], models[lot.model]
        made = register(
            session,
            stage.actors["caretaker"],
            [
                Register(
                    category_id=look.category,
                    product_model_id=model.id,
                    maker=look.maker,
                    model=look.name,
                    colour=look.colour,
                    material=look.material,
                    condition=lot.condition,
                    owner_unit_id=stage.unit(lot.unit),
                    place_id=stage.place(lot.place),
                    is_free=lot.is_free,
                    quantity=lot.count,
                )
            ],
        )
        pieces.setdefault(lot.model, []).extend(item.id for item in made)
    return pieces


KEPT_FOR_THE_WORKSHOP = {"skift": 6, "runde": 4, "pause": 4, "fast": 36, "lav": 24}
"""Pieces that are not offered: they are mended, or taken apart for others."""


def _offer(session: Session, stage: Stage, clock: MovedClock, stock: dict[str, list[UUID]]) -> None:
    """The surplus goes to the market; what was meant for the workshop stays out of it."""
    for model, pieces in stock.items():
        kept = KEPT_FOR_THE_WORKSHOP.get(model, 0)
        offered = pieces[: len(pieces) - kept]
        if offered:
            text = "Blir ledig etter ombyggingen i bygg B. Kan hentes på dagtid."
            offer(session, stage.actors["manager"], [Offer(item_ids=offered, text=text)])
            clock.move(timedelta(minutes=7))  # so that newest first is the same every time


def _everyday(session: Session, stage: Stage, clock: MovedClock) -> None:
    """What waits: two requests, one of them approved in part."""
    listings = lensmannslia.open_listings(session, stage.org_id)
    nurse, secretary = stage.actors["nurse"], stage.actors["secretary"]
    for actor, category, wanted, unit, place in (
        (nurse, "CHAIR_VISITOR", 6, "Medisinsk sengepost", "Sengepost 2A"),
        (nurse, "ARMCHAIR", 2, "Medisinsk sengepost", "Sengepost 2A"),
        (secretary, "CHAIR_TASK", 3, "Ortopedisk poliklinikk", "Poliklinikk 3"),
    ):
        listing_id = next(found for found, code in listings if code == category)
        (request,) = order(
            session,
            actor,
            [
                Order(
                    unit_id=stage.unit(unit),
                    place_id=stage.place(place),
                    wanted_date=clock.today() + timedelta(days=14),
                    lines=[
                        OrderLine(
                            listing_id=listing_id, wanted=wanted, would_have=WouldHave.WOULD_BUY_NEW
                        )
                    ],
                )
            ],
        )
        clock.move(timedelta(hours=5))
    lines = lensmannslia.lines_of(session, stage.org_id, request.id)
    approve(
        session,
        stage.actors["manager"],
        [
            Approve(request_line_id=each, quantity=2, reason=RefusalReason.NEEDED_HERE)
            for each in lines
        ],
    )
