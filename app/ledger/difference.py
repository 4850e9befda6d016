"""What a check of the ledger finds first."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where something does not hold; ``seq`` is the link's number in the chain.

    ``detail`` says more of the reason, in English with the places of ``values`` as ``%(name)s``.
    """

    table: str
    row_id: str | None
    seq: int | None
    reason: str
    detail: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    def told(self) -> str:
        """Reason and detail in English, as programs read them."""
        return ": ".join(each for each in (self.reason, self.detail % self.values) if each)
