"""The arrangement of sixty workplaces: what a furniture manager sends, step by step, over HTTP."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fastapi.testclient import TestClient

from tests.people import Organised

Row = dict[str, Any]


@dataclass(frozen=True)
class Pieces:
    """Some pieces that were registered together: their ids, and the codes on their labels."""

    ids: list[str]
    codes: list[str]


@dataclass
class Sixty:
    """One project that furnishes sixty workplaces out of two buildings, by its JSON alone."""

    client: TestClient
    org: Organised
    today: date

    def post(self, path: str, body: Any = None, refused: int | None = None) -> Any:
        answer = self.client.post(f"/api/v1{path}", json=body)
        is_as_wanted = answer.is_success if refused is None else answer.status_code == refused
        assert is_as_wanted, (path, answer.text)
        return answer.json()

    def get(self, path: str) -> Any:
        answer = self.client.get(f"/api/v1{path}")
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def start(self) -> None:
        """The house that is furnished, the other that is emptied with ours, and the project."""
        houses = [
            {"kind": "building", "name": "Bygg B", "address": "Sykehusveien 2"},
            {"kind": "building", "name": "Nytt kontor"},
        ]
        self.other_id, self.new_id = (each["id"] for each in self.post("/places", houses))
        rooms = [
            {"kind": "room", "name": "Sal", "parent_id": self.other_id},
            {"kind": "room", "name": "Landskap", "parent_id": self.new_id},
        ]
        self.hall_id, self.room_id = (each["id"] for each in self.post("/places", rooms))
        project = {
            "name": "60 arbeidsplasser",
            "unit_id": str(self.org.other_unit_id),
            "place_id": self.room_id,
            "from_date": self.today.isoformat(),
            "goal_percent": 90,
        }
        (made,) = self.post("/projects", [project])
        self.project_id: str = made["id"]
        self.project = f"/projects/{self.project_id}"

    def model(self, **fields: Any) -> str:
        (made,) = self.post("/product-models", [fields])
        return str(made["id"])

    def survey(self, place_id: str, room_id: str, *pieces: Row) -> list[Pieces]:
        """A walk through a house: what is met is registered, and put on the project."""
        walk = {"name": "Gjennomgang", "place_id": place_id, "project_id": self.project_id}
        survey_id = self.post("/surveys", walk)["id"]
        own = {"owner_unit_id": str(self.org.unit_id), "place_id": room_id}
        met = self.post(f"/surveys/{survey_id}/pieces", [{**own, **each} for each in pieces])
        self.post(f"/surveys/{survey_id}/finish")
        by_lot: dict[str, Pieces] = {}
        for each in met:
            lot = by_lot.setdefault(each["lot_id"], Pieces([], []))
            lot.ids.append(each["id"])
            lot.codes.append(each["code"])
        return list(by_lot.values())

    def replan(self, pieces: Pieces, fate: str) -> None:
        rows = self.releases()
        ids = [rows[each]["id"] for each in pieces.ids]
        self.post(f"{self.project}/releases/replan", {"release_ids": ids, "fate": fate})

    def releases(self) -> dict[str, Row]:
        """By their piece."""
        rows = self.get(f"{self.project}/releases?limit=200")
        return {each["item_id"]: each for each in rows}

    def lines(self, *wanted: tuple[str, int]) -> list[str]:
        body = [{"category_id": each, "quantity": count} for each, count in wanted]
        made = self.post(f"{self.project}/programme-lines", body)
        return [each["id"] for each in made]

    def set_aside(self, line_id: str, *groups: Pieces) -> None:
        body = [
            {"programme_line_id": line_id, "item_id": each.ids[0], "quantity": len(each.ids)}
            for each in groups
        ]
        self.post("/allocations", body)

    def plan(self) -> tuple[dict[str, Row], dict[str, Row]]:
        """The alternatives by their key, and the lines by their id."""
        found = self.get(f"{self.project}/plan")
        lines = {each["programme_line_id"]: each for each in found["lines"]}
        return {each["key"]: each for each in found["alternatives"]}, lines

    def supplier(self, name: str, rank: int, work: str) -> str:
        """With an agreement for the work this year."""
        made = self.post("/suppliers", {"name": name})
        agreement = {
            "supplier_id": made["id"],
            "work": work,
            "reference": "Ramme 2026/4",
            "rank": rank,
            "valid_from": self.today.isoformat(),
            "valid_until": (self.today + timedelta(days=300)).isoformat(),
        }
        self.post("/suppliers/agreements", agreement)
        return str(made["id"])

    def order(self, work: str, line_id: str, **fields: Any) -> str:
        """A draft for the line of the programme, at the unit that moves in."""
        draft = {
            "work": work,
            "title": "60 arbeidsplasser",
            "unit_id": str(self.org.other_unit_id),
            "place_id": self.room_id,
            "programme_line_id": line_id,
            **fields,
        }
        return str(self.post("/supplier-orders", draft)["id"])

    def quote(self, order_id: str, supplier_id: str, price_ore: int, **fields: Any) -> Row:
        body = {"supplier_order_id": order_id, "supplier_id": supplier_id, **fields}
        order = self.post("/supplier-orders/quote", {**body, "price_ore": price_ore})
        (own,) = (each for each in order["quotes"] if each["supplier_id"] == supplier_id)
        return {"supplier_order_id": order_id, "quote_id": own["id"]}

    def send(self, order_id: str, chosen: Row) -> None:
        """To the supplier of the chosen quote, who takes it on."""
        of = {"supplier_order_id": order_id}
        self.post("/supplier-orders/choose", chosen)
        self.post("/supplier-orders/send", of)
        self.post("/supplier-orders/confirm", of)

    def deliver(self, order_id: str, **fields: Any) -> Row:
        body = {"supplier_order_id": order_id, "delivered_on": self.today.isoformat(), **fields}
        done: Row = self.post("/supplier-orders/deliver", body)
        assert done["state"] == "done"
        return done

    def buy(self, work: str, line_id: str, count: int, price_ore: int, **quoted: Any) -> Row:
        """From one supplier, delivered as it was quoted."""
        supplier_id = self.supplier(f"Kjøp {work}", 1, work)
        category_id = self.get(f"/programme-lines/{line_id}")["category_id"]
        order_id = self.order(work, line_id, category_id=category_id, quantity=count)
        self.send(order_id, self.quote(order_id, supplier_id, price_ore, **quoted))
        return self.deliver(order_id)

    def drive(self, *groups: Pieces, distance_m: int, transport_ore: int) -> Row:
        """A run sheet: all of it is scanned out, scanned in where it goes, and the run is over."""
        codes = [code for each in groups for code in each.codes]
        plan = {
            "driven_on": self.today.isoformat(),
            "vehicle": "HGV_RIGID_7_17_KM",
            "distance_m": distance_m,
            "transport_ore": transport_ore,
            "item_ids": [item_id for each in groups for item_id in each.ids],
            "to_unit_id": str(self.org.other_unit_id),
            "to_place_id": self.room_id,
        }
        run: Row = self.post("/run-sheets", plan)
        for way, outcome in (("out", "loaded"), ("in", "received")):
            signed = {"codes": codes, "signed_name": "Prøve Sjåfør"}
            receipt = self.post(f"/handovers/scan-{way}", signed)
            assert {each["outcome"] for each in receipt["lines"]} == {outcome}
        return dict(self.post("/run-sheets/finish", {"run_sheet_id": run["id"]}))
