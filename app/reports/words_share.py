"""The reuse share with its numbers put in, so that a reader can do the sum again."""

from collections.abc import Callable, Mapping

from app.impact.rules import FulfilmentSource, ReuseShare
from app.kit.i18n import gettext
from app.reports.figures import Total
from app.reports.rules import REUSED, rounded
from app.reports.words import percent_text, source_name

WITH_BOUGHT_USED = (*REUSED, FulfilmentSource.BOUGHT_USED)


def total(
    share: ReuseShare,
    totals: Mapping[FulfilmentSource, int],
    spelled: Callable[[int], str],
    unit: str = "",
) -> Total:
    """Both readings of the share; ``unit`` stands behind the whole numbers, such as «kg»."""

    def written(sources: tuple[FulfilmentSource, ...], found: str) -> str:
        parts = [totals.get(source, 0) for source in sources]
        whole = sum(totals.values())
        names = " + ".join(source_name(source).lower() for source in sources)
        behind = f"\xa0{unit}" if unit else ""
        return gettext(
            "(%(names)s) ÷ alt som er dekket = (%(parts)s) ÷ %(whole)s = %(sum)s ÷ %(whole)s "
            "= %(share)s",
            names=names,
            parts=" + ".join(spelled(part) for part in parts),
            sum=spelled(sum(parts)) + behind,
            whole=spelled(whole) + behind,
            share=found,
        )

    return Total(
        without_bought_used=rounded(share.without_bought_used),
        with_bought_used=rounded(share.with_bought_used),
        formula_without=written(REUSED, percent_text(share.without_bought_used)),
        formula_with=written(WITH_BOUGHT_USED, percent_text(share.with_bought_used)),
    )
