"""The furniture manager's inbox: cases in every state, visits to come and done, and assessments."""

from dataclasses import dataclass
from datetime import time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.demo.stage import Stage
from app.inbox import service, service_visit
from app.inbox.commands import (
    AddNote,
    Ask,
    AssignCase,
    CloseCase,
    FinishVisit,
    OfCase,
    PlanVisit,
    Receive,
    Reply,
    Write,
)
from app.inbox.models import Case
from app.inbox.rules import Channel, Kind, Outcome
from app.inbox.service_photos import attach
from app.items.models import Code, Item
from app.items.rules import ItemState, Suitability, Verdict
from app.items.service_assess import Assess, assess
from app.items.service_photo_files import StoredFile
from app.kit.clock import MovedClock


@dataclass(frozen=True)
class Note:
    """What came by e-mail or phone some days ago; ``limit`` days after it came it should be done."""

    days: int
    channel: Channel
    kind: Kind
    name: str
    unit: str
    subject: str
    text: str
    limit: int | None = None


E, P = Channel.EMAIL, Channel.PHONE
ENDED: tuple[tuple[Note, Outcome, int], ...] = (
    (
        Note(34, P, Kind.MOVE, "Turid Vik", "HR", "Flytte arkivskap", "To skap til arkivet."),
        Outcome.MOVED,
        2,
    ),
    (
        Note(29, E, Kind.MEND, "Nils Ås", "Kantinen", "Vinglete bord", "Fire bord vingler."),
        Outcome.MENDED,
        4,
    ),
    (
        Note(24, E, Kind.WISH, "Eva Holm", "Dialyse", "Hvilestol", "Trenger en hvilestol."),
        Outcome.REUSED,
        1,
    ),
    (
        Note(21, P, Kind.HAND_IN, "Geir Tangen", "IKT", "Ti kontorstoler til overs", "Ti stoler."),
        Outcome.TAKEN_IN,
        10,
    ),
    (
        Note(17, E, Kind.DISPOSE, "Mona Lie", "Renhold", "Ødelagt benk", "Benken er knekt."),
        Outcome.DISPOSED,
        1,
    ),
    (
        Note(12, P, Kind.WISH, "Tor Eide", "Økonomi", "Nytt møtebord", "Vil ha nytt møtebord."),
        Outcome.DECLINED,
        0,
    ),
    (
        Note(9, E, Kind.OTHER, "Ida Berg", "Operasjon", "Hvilket stoff?", "Hva tåler sprit?"),
        Outcome.ADVISED,
        0,
    ),
)
OPEN = (
    Note(
        11,
        E,
        Kind.MEND,
        "Hanne Rød",
        "Hjerteavdelingen",
        "Sprukket trekk på seks stoler",
        "Trekket på seks stoler i venterommet har sprukket, og de kan ikke vaskes.\n\nHanne Rød",
        7,
    ),
    Note(
        6,
        P,
        Kind.HAND_IN,
        "Arne Fjeld",
        "Kirurgisk sengepost",
        "Åtte nattbord til overs",
        "Får nye nattbord i neste måned, de gamle er hele.",
        14,
    ),
    Note(
        2,
        E,
        Kind.ASSESS,
        "Lise Nes",
        "Akuttmottak",
        "Kan sofaen i pårørenderommet reddes?",
        "Sofaen har flekker. Kan den renses, eller må den trekkes om?",
        10,
    ),
    Note(1, P, Kind.MOVE, "Jan Sund", "Kantinen", "Bord fra kantinen til lageret", "Seks bord."),
)


def play(session: Session, stage: Stage, clock: MovedClock, photo: list[StoredFile]) -> None:
    """Plays everything on the clock's day, with notes of days that are over."""
    manager = stage.actors["manager"]
    for note, outcome, pieces in ENDED:
        case = _noted(session, stage, clock, note)
        end = CloseCase(case_id=case.id, outcome=outcome, pieces=pieces)
        service.close(session, manager, [end])
        clock.move(timedelta(minutes=3))
    late, handed_in, judged, _ = (_noted(session, stage, clock, each) for each in OPEN)
    mine = [AssignCase(case_id=each.id, assignee_id=manager.person_id) for each in (late, judged)]
    service.assign(session, manager, mine)
    text = "Hvor mange er det, og er hjulene hele?"
    service.reply(session, manager, [Reply(case_id=handed_in.id, text=text, waits=True)])
    _visits(session, stage, clock, late.id, judged.id)
    _asked(session, stage, clock, photo)
    _assessed(session, stage)


def _noted(session: Session, stage: Stage, clock: MovedClock, note: Note) -> Case:
    on = clock.today() - timedelta(days=note.days)
    command = Receive(
        channel=note.channel,
        kind=note.kind,
        subject=note.subject,
        text=note.text,
        asker_name=note.name,
        asker_phone="555 01 234" if note.channel is P else None,
        asker_email="post@avdeling.example" if note.channel is E else None,
        unit_id=stage.unit(note.unit),
        received_on=on,
        deadline=on + timedelta(days=note.limit) if note.limit else None,
    )
    (case,) = service.receive(session, stage.actors["manager"], [command])
    clock.move(timedelta(minutes=4))
    return case


def _visits(
    session: Session, stage: Stage, clock: MovedClock, late_id: UUID, judged_id: UUID
) -> None:
    """One that was done and told what had to be done, one to come."""
    manager, today = stage.actors["manager"], clock.today()
    before = PlanVisit(
        case_id=late_id,
        day=today - timedelta(days=3),
        at=time(9, 30),
        place_id=stage.place("Venterom 1"),
    )
    (done,) = service_visit.plan_visits(session, manager, [before])
    seen = "Skumplasten er hel. Trekkes om hos rammeavtaleleverandøren."
    service_visit.finish_visits(
        session, manager, [FinishVisit(site_visit_id=done.id, outcome=seen)]
    )
    after = PlanVisit(
        case_id=judged_id,
        day=today + timedelta(days=2),
        at=time(13),
        minutes=45,
        place_id=stage.place("Venterom 1"),
        meet_at="I resepsjonen",
    )
    service_visit.plan_visits(session, manager, [after])


def _asked(session: Session, stage: Stage, clock: MovedClock, photo: list[StoredFile]) -> None:
    """What employees asked by the form: one new with a photo, one begun, one withdrawn."""
    nurse, secretary = stage.actors["nurse"], stage.actors["secretary"]
    ward, clinic = stage.unit("Medisinsk sengepost"), stage.unit("Ortopedisk poliklinikk")
    code = session.scalars(
        select(Code.code)
        .join(Item, (Item.org_id == Code.org_id) & (Item.id == Code.item_id))
        .where(Item.org_id == stage.org_id, Item.state == ItemState.IN_USE)
        .order_by(Code.code)
        .limit(1)
    ).one()
    (broken,) = service.ask(
        session,
        nurse,
        [
            Ask(
                kind=Kind.MEND,
                text="Armlenet på stolen på vaktrommet er løst.\nDen står ved vinduet.",
                unit_id=ward,
                place_id=stage.place("Vaktrom 2"),
                codes=[code],
                wanted_date=clock.today() + timedelta(days=5),
            )
        ],
    )
    attach(session, nurse, broken, [photo])
    clock.move(timedelta(minutes=20))
    lamp, twice = service.ask(
        session,
        secretary,
        [
            Ask(kind=Kind.WISH, text="Vi trenger to krakker til undersøkelse.", unit_id=clinic),
            Ask(kind=Kind.MOVE, text="Skapet skal ut av gangen.", unit_id=clinic),
        ],
    )
    service.withdraw(session, secretary, [OfCase(case_id=twice.id)])
    manager = stage.actors["manager"]
    clock.move(timedelta(minutes=9))
    service.reply(session, manager, [Reply(case_id=lamp.id, text="Hvilken høyde?", waits=True)])
    service.write(session, secretary, [Write(case_id=lamp.id, text="Rundt 50 cm.")])
    note = "Sjekk lageret før vi spør leverandøren."
    service.add_notes(session, manager, [AddNote(case_id=lamp.id, text=note)])


def _assessed(session: Session, stage: Stage) -> None:
    """Armchairs and visitors' chairs, lot by lot, as the manager saw them."""
    for category, suitability, verdict, cost in (
        ("ARMCHAIR", Suitability.BOTH, Verdict.KEEP, None),
        ("CHAIR_VISITOR", Suitability.WIPEABLE, Verdict.CLEAN, 9_000),
        ("SOFA_2", Suitability.NONE, Verdict.REUPHOLSTER, 640_000),
    ):
        item_id = session.scalar(
            select(Item.id)
            .where(Item.org_id == stage.org_id, Item.category_id == category)
            .where(Item.state.in_((ItemState.AVAILABLE, ItemState.IN_USE)))
            .order_by(Item.id)
            .limit(1)
        )
        if item_id is not None:
            command = Assess(
                item_id=item_id,
                verdict=verdict,
                suitability=suitability,
                cost_ore=cost,
                of_lot=True,
            )
            assess(session, stage.actors["manager"], [command])
