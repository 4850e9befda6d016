"""Whether people find what they look for: a judged list of questions, asked of a market of 2,600 lots.

Recall at 20 is how many of the first 20 answers are right, by as many as there could have been.
Both databases have to give the same answers in the same order.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from app.kit.db import Database as Opened
from bench.harness import Figure, cpu_ms, figure
from bench.judged_corpus import FIRST, Market, Misspelt, Query, lots, misspelt, queries, recall
from bench.organisation import opened
from bench.server import Database, databases

MUST = 0.9
LANGUAGES = {"nb": "bokmål", "nn": "nynorsk", "sv": "Swedish", "en": "English"}
KINDS = {
    "plain": "plain words",
    "error": "typing errors",
    "compound": "compounds",
    "synonym": "synonyms",
    "make": "makers and models",
    "size": "measurements",
    "code": "codes",
}

Answers = dict[Query, list[int]]


Offers = dict[Misspelt, str | None]


def asked_of(database: Database) -> tuple[Answers, float, Offers]:
    """The answers, the CPU milliseconds of a search in this process, and what is asked back."""
    with opened(database.url.replace("+psycopg", "")) as own:
        market, found = Market(own), Answers()

        def ask_all() -> None:
            with own.read() as session:
                for each in queries():
                    found[each] = market.answers(session, each)

        ask_all()
        ms = cpu_ms(ask_all) / len(found)
        return found, ms, offers_of(own, market)


def offers_of(own: Opened, market: Market) -> Offers:
    """What people who make the same error as somebody before them are asked: "Mente du …?"."""
    with own.write() as session:
        market.list_misspelt(session)
    with own.read() as session:
        return {each: market.meant(session, each.written) for each in misspelt()}


def right_offers(offers: Offers) -> tuple[list[bool], list[bool]]:
    """Of each error whether what was meant is offered, and of each right word whether anything is."""
    errors = [offer == each.meant for each, offer in offers.items() if each.meant]
    return errors, [offer is not None for each, offer in offers.items() if not each.meant]


def recalls(answers: Answers) -> dict[str, list[float]]:
    """Every question's recall: of all, by language and by kind."""
    found: dict[str, list[float]] = defaultdict(list)
    for query, numbers in answers.items():
        share = recall(query, numbers)
        for name in ("all", LANGUAGES[query.language], KINDS[query.kind]):
            found[name].append(share)
    return found


def _figures(name: str, answers: Answers, ms: float) -> list[Figure]:
    shares = recalls(answers)
    order = ("all", *LANGUAGES.values(), *KINDS.values())
    rows = [
        figure(
            f"recall at {FIRST}, {each}, {name}",
            [sum(shares[each]) / len(shares[each])],
            "",
            must=MUST,
            better="higher",
            note=f"{len(shares[each])} questions of {len(lots()):,} lots" if each == "all" else "",
        )
        for each in order
    ]
    rows.append(figure(f"search of the judged list, {name}", [ms], "ms CPU", note=TIMED))
    return rows


def _asked_back(name: str, offers: Offers) -> list[Figure]:
    errors, false = right_offers(offers)
    missed = [each.written for each, offer in offers.items() if each.meant not in (offer, "")]
    asked = [
        f"{each.written} → {offer}" for each, offer in offers.items() if offer and not each.meant
    ]
    return [
        figure(
            f"«Mente du …?» offers what was meant, {name}",
            [sum(errors) / len(errors)],
            "",
            must=MUST,
            better="higher",
            note=f"{len(errors)} errors that find something; not: {', '.join(missed) or 'none'}",
        ),
        figure(
            f"«Mente du …?» at a rare word that is right, {name}",
            [sum(false) / len(false)],
            "",
            note=f"{len(false)} words; {', '.join(asked)}",
        ),
    ]


TIMED = "in one process, without page and request; typing errors among them, which are slower"


def differing(one: Answers, other: Answers) -> Sequence[Query]:
    return [each for each in one if one[each] != other[each]]


def measure() -> list[Figure]:
    rows: list[Figure] = []
    by_database: Mapping[str, Answers] = {}
    with databases() as found:
        for database in found:
            answers, ms, offers = asked_of(database)
            by_database = {**by_database, database.name: answers}
            rows += _figures(database.name, answers, ms) + _asked_back(database.name, offers)
    if len(by_database) > 1:
        one, other = by_database.values()
        different = differing(one, other)
        rows.append(
            figure(
                "questions with different answers on SQLite and PostgreSQL",
                [len(different)],
                "",
                must=0,
                note=", ".join(each.typed for each in different[:5]),
            )
        )
    return rows
