"""Handovers, the savings ledger, notices and printers."""

import sqlalchemy as sa
from alembic import op

from migrations import append_only

revision = "2026_11_21_6"
down_revision = "2026_11_21_5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("notice_values", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.String(length=400), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gave_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_notice_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_notice_org_id_id")),
    )
    op.create_index(
        "ix_notice_person", "notice", ["org_id", "person_id", "created_at"], unique=False
    )
    op.create_index("ix_notice_waiting", "notice", ["sent_at", "next_try_at"], unique=False)

    op.create_table(
        "period",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_period_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_period_org_id_id")),
        sa.UniqueConstraint("org_id", "year", name=op.f("uq_period_org_id_year")),
    )
    op.create_table(
        "printer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("offset_x_hmm", sa.Integer(), nullable=False),
        sa.Column("offset_y_hmm", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("offset_x_hmm BETWEEN -2000 AND 2000", name=op.f("ck_printer_offset_x")),
        sa.CheckConstraint("offset_y_hmm BETWEEN -2000 AND 2000", name=op.f("ck_printer_offset_y")),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_printer_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printer")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_printer_org_id_id")),
        sa.UniqueConstraint("org_id", "name", name=op.f("uq_printer_org_id_name")),
    )
    op.create_table(
        "handover",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("handed_over_on", sa.Date(), nullable=False),
        sa.Column("giver_unit_id", sa.Uuid(), nullable=True),
        sa.Column("supplier", sa.String(length=160), nullable=True),
        sa.Column("receiver_org_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_unit_id", sa.Uuid(), nullable=True),
        sa.Column("from_place_id", sa.Uuid(), nullable=True),
        sa.Column("to_place_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("vehicle", sa.String(length=40), nullable=True),
        sa.Column("distance_m", sa.Integer(), nullable=True),
        sa.Column("transport_ore", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("distance_m >= 0", name=op.f("ck_handover_distance")),
        sa.CheckConstraint("transport_ore >= 0", name=op.f("ck_handover_transport")),
        sa.ForeignKeyConstraint(
            ["org_id", "from_place_id"],
            ["place.org_id", "place.id"],
            name=op.f("fk_handover_org_id_from_place_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "giver_unit_id"],
            ["unit.org_id", "unit.id"],
            name=op.f("fk_handover_org_id_giver_unit_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_handover_org_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_handover_person_id")),
        sa.ForeignKeyConstraint(
            ["receiver_org_id", "project_id"],
            ["project.org_id", "project.id"],
            name=op.f("fk_handover_receiver_org_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["receiver_org_id", "receiver_unit_id"],
            ["unit.org_id", "unit.id"],
            name=op.f("fk_handover_receiver_org_id_receiver_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["receiver_org_id", "to_place_id"],
            ["place.org_id", "place.id"],
            name=op.f("fk_handover_receiver_org_id_to_place_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_handover_org_id_id")),
    )
    op.create_index("uq_handover_number", "handover", ["org_id", "number"], unique=True)

    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("booked_by_event_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("view", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("category_id", sa.String(length=40), nullable=False),
        sa.Column("place_id", sa.Uuid(), nullable=True),
        sa.Column("giver_unit_id", sa.Uuid(), nullable=True),
        sa.Column("receiver_unit_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("programme_line_id", sa.Uuid(), nullable=True),
        sa.Column("handed_over_on", sa.Date(), nullable=False),
        sa.Column("period_id", sa.Uuid(), nullable=False),
        sa.Column("waste_g", sa.BigInteger(), nullable=False),
        sa.Column("waste_g_low", sa.BigInteger(), nullable=False),
        sa.Column("waste_g_high", sa.BigInteger(), nullable=False),
        sa.Column("value_chain_waste_g", sa.BigInteger(), nullable=False),
        sa.Column("value_chain_waste_g_low", sa.BigInteger(), nullable=False),
        sa.Column("value_chain_waste_g_high", sa.BigInteger(), nullable=False),
        sa.Column("co2e_g", sa.BigInteger(), nullable=True),
        sa.Column("co2e_g_low", sa.BigInteger(), nullable=True),
        sa.Column("co2e_g_high", sa.BigInteger(), nullable=True),
        sa.Column("saved_ore", sa.BigInteger(), nullable=False),
        sa.Column("saved_ore_low", sa.BigInteger(), nullable=False),
        sa.Column("saved_ore_high", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("mass_g", sa.BigInteger(), nullable=False),
        sa.Column("new_price_ore", sa.BigInteger(), nullable=False),
        sa.Column("reference_co2e_g", sa.BigInteger(), nullable=True),
        sa.Column("mass_tier", sa.String(length=2), nullable=False),
        sa.Column("co2e_tier", sa.String(length=2), nullable=True),
        sa.Column("price_tier", sa.String(length=2), nullable=False),
        sa.Column("factor_set_id", sa.String(length=20), nullable=False),
        sa.Column("formula_version", sa.Integer(), nullable=False),
        sa.Column("inputs", sa.JSON(), nullable=False),
        sa.Column("reverses_id", sa.Uuid(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["category_id"], ["category.id"], name=op.f("fk_ledger_entry_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["factor_set_id"], ["factor_set.id"], name=op.f("fk_ledger_entry_factor_set_id")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "booked_by_event_id"],
            ["event.org_id", "event.id"],
            name=op.f("fk_ledger_entry_org_id_booked_by_event_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "event_id"],
            ["event.org_id", "event.id"],
            name=op.f("fk_ledger_entry_org_id_event_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "giver_unit_id"],
            ["unit.org_id", "unit.id"],
            name=op.f("fk_ledger_entry_org_id_giver_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_ledger_entry_org_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "period_id"],
            ["period.org_id", "period.id"],
            name=op.f("fk_ledger_entry_org_id_period_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "place_id"],
            ["place.org_id", "place.id"],
            name=op.f("fk_ledger_entry_org_id_place_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "programme_line_id"],
            ["programme_line.org_id", "programme_line.id"],
            name=op.f("fk_ledger_entry_org_id_programme_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "project_id"],
            ["project.org_id", "project.id"],
            name=op.f("fk_ledger_entry_org_id_project_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "receiver_unit_id"],
            ["unit.org_id", "unit.id"],
            name=op.f("fk_ledger_entry_org_id_receiver_unit_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "reverses_id"],
            ["ledger_entry.org_id", "ledger_entry.id"],
            name=op.f("fk_ledger_entry_org_id_reverses_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_ledger_entry_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_ledger_entry_org_id_id")),
        sa.UniqueConstraint(
            "org_id", "reverses_id", name=op.f("uq_ledger_entry_org_id_reverses_id")
        ),
    )
    op.create_index("ix_ledger_entry_event", "ledger_entry", ["org_id", "event_id"], unique=False)
    op.create_index("ix_ledger_entry_item", "ledger_entry", ["org_id", "item_id"], unique=False)
    op.create_index(
        "ix_ledger_entry_project", "ledger_entry", ["org_id", "project_id", "view"], unique=False
    )

    op.create_table(
        "handover_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=False),
        sa.Column("handover_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("receiver_org_id", sa.Uuid(), nullable=False),
        sa.Column("new_item_id", sa.Uuid(), nullable=True),
        sa.Column("reservation_id", sa.Uuid(), nullable=True),
        sa.Column("programme_line_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("user_case", sa.String(length=40), nullable=False),
        sa.Column("would_have", sa.String(length=40), nullable=False),
        sa.Column("need_recorded_before", sa.Boolean(), nullable=False),
        sa.Column("would_discard", sa.Boolean(), nullable=False),
        sa.Column("purchase_cancelled", sa.Boolean(), nullable=False),
        sa.Column("warranted_as_new", sa.Boolean(), nullable=False),
        sa.Column("extra_life_months", sa.Integer(), nullable=True),
        sa.Column("price_ore", sa.BigInteger(), nullable=True),
        sa.Column("redesign_ore", sa.BigInteger(), nullable=True),
        sa.Column("cleaning_ore", sa.BigInteger(), nullable=True),
        sa.Column("handling_ore", sa.BigInteger(), nullable=True),
        sa.Column("costs_complete", sa.Boolean(), nullable=False),
        sa.Column("redesign_level", sa.String(length=40), nullable=True),
        sa.Column("removed_g", sa.Integer(), nullable=True),
        sa.Column("owner_unit_before_id", sa.Uuid(), nullable=True),
        sa.Column("holder_unit_before_id", sa.Uuid(), nullable=True),
        sa.Column("place_before_id", sa.Uuid(), nullable=True),
        sa.Column("picked_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("picked_up_by", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_by", sa.Uuid(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "extra_life_months BETWEEN 0 AND 1200", name=op.f("ck_handover_line_extra_life")
        ),
        sa.CheckConstraint("removed_g >= 0", name=op.f("ck_handover_line_removed")),
        sa.ForeignKeyConstraint(
            ["org_id", "handover_id"],
            ["handover.org_id", "handover.id"],
            name=op.f("fk_handover_line_org_id_handover_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "holder_unit_before_id"],
            ["unit.org_id", "unit.id"],
            name=op.f("fk_handover_line_org_id_holder_unit_before_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "item_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_handover_line_org_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "owner_unit_before_id"],
            ["unit.org_id", "unit.id"],
            name=op.f("fk_handover_line_org_id_owner_unit_before_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "place_before_id"],
            ["place.org_id", "place.id"],
            name=op.f("fk_handover_line_org_id_place_before_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "reservation_id"],
            ["reservation.org_id", "reservation.id"],
            name=op.f("fk_handover_line_org_id_reservation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_handover_line_org_id")
        ),
        sa.ForeignKeyConstraint(
            ["picked_up_by"], ["person.id"], name=op.f("fk_handover_line_picked_up_by")
        ),
        sa.ForeignKeyConstraint(
            ["received_by"], ["person.id"], name=op.f("fk_handover_line_received_by")
        ),
        sa.ForeignKeyConstraint(
            ["receiver_org_id", "new_item_id"],
            ["item.org_id", "item.id"],
            name=op.f("fk_handover_line_receiver_org_id_new_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["receiver_org_id", "programme_line_id"],
            ["programme_line.org_id", "programme_line.id"],
            name=op.f("fk_handover_line_receiver_org_id_programme_line_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover_line")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_handover_line_org_id_id")),
    )
    op.create_index(
        "ix_handover_line_handover", "handover_line", ["org_id", "handover_id"], unique=False
    )
    op.create_index("ix_handover_line_item", "handover_line", ["org_id", "item_id"], unique=False)
    append_only.protect("ledger_entry")


def downgrade() -> None:
    append_only.release("ledger_entry")
    op.drop_table("handover_line")
    op.drop_table("ledger_entry")
    op.drop_table("handover")
    op.drop_table("printer")
    op.drop_table("period")
    op.drop_table("notice")
