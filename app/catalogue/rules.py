"""What is ordered from suppliers, and how framework agreements rank them."""

from enum import StrEnum


class Work(StrEnum):
    """What a supplier does, or sells: the subject of an agreement and of an order."""

    CLEAN_OR_REPAIR = "clean_or_repair"
    REUPHOLSTER_OR_REDESIGN = "reupholster_or_redesign"
    DISMANTLE = "dismantle"
    BUILD_FROM_SURPLUS = "build_from_surplus"
    BUY_USED = "buy_used"
    BUY_NEW = "buy_new"
