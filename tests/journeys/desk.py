"""A project manager at a desk: what is done on each page of a project, by its forms alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import Locator, Page, expect

UNIT, OWNER = "Medisinsk sengepost", "Møbelforvaltning"


@dataclass
class Desk:
    """One project by its pages. ``project`` is its address, ``name`` what it is called in lists."""

    page: Page
    today: date
    name: str
    project: str = ""

    def form(self, button: str) -> Locator:
        """The form that ends in the button."""
        pressed = self.page.get_by_role("button", name=button, exact=True, include_hidden=True)
        return self.page.locator("main form").filter(has=pressed).last

    def send(self, button: str, within: Locator | None = None, **typed: Any) -> None:
        """Types into the form by the names of its fields, and presses; a refusal fails.

        A list gets the option that ends in the words. Fields that are folded away are unfolded.
        """
        form = within or self.form(button)
        for name, value in typed.items():
            if value is None:
                continue
            control = form.locator(f"[name={name}]").first
            if not control.is_visible():
                control.locator("xpath=ancestor::details[not(@open)]/summary").first.click()
            self.give(form, control, name, str(value))
        # What a screen reader is told may go on: which piece it is about.
        pressed = form.get_by_role("button", name=re.compile(f"^{re.escape(button)}")).first
        with self.page.expect_navigation():  # without scripts each press is a page
            pressed.click()
        said = self.page.locator(".ds-error-summary")
        assert not said.count(), (self.page.url, said.first.inner_text())

    def give(self, form: Locator, control: Locator, name: str, value: str) -> None:
        kind = control.evaluate("each => each.tagName + ':' + each.type")
        if kind.startswith("SELECT"):
            if control.locator(f"option[value='{value}']").count():
                control.select_option(value)
                return
            options = control.locator("option").filter(has_text=re.compile(f"{re.escape(value)}$"))
            found = options.first.get_attribute("value")
            assert found, (name, value)
            control.select_option(found)
        elif kind == "INPUT:checkbox":
            control.check()
        elif kind == "INPUT:radio":
            form.locator(f"[name={name}][value='{value}']").check()
        else:
            control.fill(value)

    def start(self, room: str) -> None:
        self.page.goto("/prosjekter/nytt")
        day = self.today.isoformat()
        self.send(
            "Opprett prosjekt",
            name=self.name, unit_id=UNIT, place_id=room, from_date=day, goal_percent=90,
        )  # fmt: skip
        self.project = self.page.url.partition("?")[0]

    def survey(self, name: str) -> str:
        """The address where its pieces are registered."""
        self.page.goto("/kartlegging")
        self.send("Begynn kartleggingen", name=name, project_id=self.name)
        return str(self.form("Registrer").get_attribute("action"))

    def register(self, survey: str, category: str, room: str, count: int, **more: Any) -> None:
        """Like pieces, on the survey's own page."""
        self.page.goto(survey)
        self.send(
            "Registrer",
            category_id=category, place_id=room, owner_unit_id=OWNER, quantity=count, **more,
        )  # fmt: skip

    def replan(self, fate: str, category: str, condition: str) -> None:
        """The pieces of a category in that condition, ticked one by one."""
        self.page.goto(f"{self.project}/frigivelser")
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=f"{category} (").click()
        rows = self.page.locator(".released-rows li")
        for row in rows.filter(has_text=condition).all():
            row.locator("[name=release_ids]").check()
        self.send("Lagre for de avkryssede", fate=fate)

    def line(self, category: str, quantity: int) -> str:
        """The address of the programme line."""
        self.page.goto(self.project)
        self.send("Legg til", category_id=category, quantity=quantity)
        link = self.page.locator(".programme a").filter(has_text=f"{quantity} × {category}").first
        return str(link.get_attribute("href"))

    def set_aside(self, line: str, quantity: int) -> None:
        """A pile of so many, from the line's page."""
        self.page.goto(f"{line}/plan")
        pile = self.page.locator("section[aria-labelledby=supply] li")
        row = pile.filter(has_text=re.compile(rf"^\s*{quantity} × ")).first
        self.send("Sett av", row.locator("form"))
        expect(self.page.locator("body")).to_contain_text(f"{quantity} møbler er satt av.")

    def supplier(self, name: str, rank: int, work: str) -> None:
        self.page.goto("/leverandorer/ny")
        self.send("Lagre", name=name)
        until = (self.today + timedelta(days=300)).isoformat()
        self.send(
            "Lagre avtalen",
            work=work, rank=rank, reference="Ramme 2026/4",
            valid_from=self.today.isoformat(), valid_until=until,
        )  # fmt: skip

    def order(self, line: str, work: str, planned: str = "", **typed: Any) -> str:
        """From the line: what the project has planned for the work comes along."""
        self.page.goto(line)
        with self.page.expect_navigation():
            self.page.get_by_role("link", name="Hent inn tilbud").click()
        with self.page.expect_navigation():
            self.page.locator("main .chips").get_by_role("link", name=work, exact=True).click()
        if planned:
            with self.page.expect_navigation():
                self.page.get_by_role("link", name=planned).click()
        self.send("Lag oppdraget", title=self.name, **typed)
        return self.page.url.partition("?")[0]

    def quote(self, supplier: str, price: str, **more: Any) -> None:
        self.send("Lagre tilbudet", supplier_id=supplier, price_kr=price, **more)

    def choose(self, supplier: str, why: str | None = None) -> None:
        quote = self.page.locator("section.quote").filter(has_text=supplier)
        self.send("Velg tilbudet", quote.locator("form"), why=why)

    def dispatch(self, supplier: str) -> None:
        """To the supplier, who takes it on."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=f"Send til {supplier}", exact=True).click()
        self.send("Før bekreftelsen")

    def deliver(self, each_donor_kg: str | None = None, **typed: Any) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("link", name="Registrer levering").click()
        if each_donor_kg:
            for donor in self.page.locator("[name^=donor_]").all():
                donor.fill(each_donor_kg)
        self.send("Registrer leveringen", **typed)
        expect(self.page.locator("#done")).to_contain_text("Levert")

    def buy(self, line: str, work: str, supplier: str, price: str, **quoted: Any) -> None:
        """What the line still lacks, from one supplier, delivered as it was quoted."""
        self.supplier(supplier, 1, work)
        self.order(line, work)
        self.quote(supplier, price, **quoted)
        self.choose(supplier)
        self.dispatch(supplier)
        self.deliver()

    def run_sheet(self, line: str, takes: Mapping[str, bool], **typed: Any) -> str:
        """From the line's page; of what the form lists, what names a key is ticked, or is not."""
        self.page.goto(f"{line}/plan")
        with self.page.expect_navigation():
            self.page.get_by_role("link", name="Legg på kjøreliste").click()
        for text, is_taken in takes.items():
            rows = self.page.locator(".trip-pieces li").filter(has_text=re.compile(text))
            for row in rows.all():
                row.locator("[name=planned_ids]").set_checked(is_taken)
        self.send("Lag kjørelisten", **typed)
        return self.page.url.partition("?")[0]

    def drive(self, sheet: str, pieces: int) -> None:
        """By the buttons of the sheet: all is ticked off where it stands, and where it goes."""
        for at_stop, button in (
            ("Skann henting", "Møblene er hentet"),
            ("Skann levering", "Møblene er mottatt"),
        ):
            self.page.goto(sheet)
            with self.page.expect_navigation():
                self.page.get_by_role("link", name=at_stop).first.click()
            boxes = self.page.locator("[name=ticked]")
            assert boxes.count() == pieces
            for box in boxes.all():
                box.check()
            self.send(button)
        self.page.goto(sheet)
        self.send("Avslutt turen")
