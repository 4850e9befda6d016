"""Categories, and makers' product models between a category and the single piece."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.schema import SchemaItem

from app.kit.columns import EnumText, UtcDateTime
from app.kit.tenancy import PlatformModel, TenantModel


class AmountUnit(StrEnum):
    PIECE = "piece"
    M2 = "m2"
    KG = "kg"


class Category(PlatformModel):
    """A row of the category table; ``id`` is its code, such as ``CHAIR_TASK``.

    Its mass, CO2e and price stand in the factor sets, which have versions; this row has none.
    """

    __tablename__ = "category"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    group: Mapped[str] = mapped_column("category_group", String(40))
    amount_unit: Mapped[AmountUnit] = mapped_column(EnumText(AmountUnit))
    name_nb: Mapped[str] = mapped_column(String(120))
    name_sv: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))


class GwpBasis(StrEnum):
    """What a model's GWP is read from, which decides its tier (savings method, section 10)."""

    EPD = "epd"
    MAKER = "maker"


class ProductModel(TenantModel):
    """A maker's product: measurements in mm, mass in g, price in øre, GWP A1-A3 in g CO2e.

    ``delivery_g`` and ``end_of_life_g`` are the declaration's modules A4 and C in g CO2e, where it
    states them; ``service_life_months`` is the declared life. ``price_year`` and ``price_source``
    say whose prices, and of which year, the price is among.
    """

    __tablename__ = "product_model"

    category_id: Mapped[str] = mapped_column(ForeignKey("category.id"))
    maker: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(120))
    width_mm: Mapped[int | None]
    depth_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    mass_g: Mapped[int | None]
    new_price_ore: Mapped[int | None] = mapped_column(BigInteger)
    price_year: Mapped[int | None]
    price_source: Mapped[str | None] = mapped_column(String(200))
    gwp_g: Mapped[int | None] = mapped_column(BigInteger)
    delivery_g: Mapped[int | None] = mapped_column(BigInteger)
    end_of_life_g: Mapped[int | None] = mapped_column(BigInteger)
    service_life_months: Mapped[int | None]
    gwp_basis: Mapped[GwpBasis | None] = mapped_column(EnumText(GwpBasis))
    gwp_source: Mapped[str | None] = mapped_column(String(200))
    epd_number: Mapped[str | None] = mapped_column(String(80))
    epd_valid_until: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @classmethod
    def constraints(cls) -> tuple[SchemaItem, ...]:
        return (
            Index("uq_product_model_name", "org_id", "maker", "name", unique=True),
            CheckConstraint(
                "(gwp_g IS NULL) = (gwp_basis IS NULL)", name="gwp_says_what_it_is_read_from"
            ),
        )
