"""What one person queued on a phone is not taken from another who signed in since."""

from app.accounts.rules import Role
from tests.people import ActorOf, Organised, SignedInAs


def test_what_another_person_queued_is_refused(signed_in_as: SignedInAs, actor: ActorOf) -> None:
    mine, other = actor(Role.SURVEYOR), actor(Role.FURNITURE_MANAGER)
    browser = signed_in_as(Role.SURVEYOR)

    refused = browser.get("/api/v1/items", headers={"Omlop-Owner": other.owner})
    assert refused.status_code == 409
    assert refused.json()["type"] == "/problems/other-person-signed-in"
    assert browser.get("/api/v1/items", headers={"Omlop-Owner": mine.owner}).status_code == 200
    assert browser.get("/api/v1/items").status_code == 200


def test_what_was_queued_in_another_organisation_is_refused(
    signed_in_as: SignedInAs, actor: ActorOf, foreign_org: Organised
) -> None:
    elsewhere = actor(Role.SURVEYOR, foreign_org)

    refused = signed_in_as(Role.SURVEYOR).post(
        "/api/v1/items", json=[], headers={"Omlop-Owner": elsewhere.owner}
    )
    assert refused.json()["type"] == "/problems/other-person-signed-in"


def test_a_page_says_whose_it_is_and_one_without_sign_in_says_nothing(
    signed_in_as: SignedInAs, actor: ActorOf
) -> None:
    browser = signed_in_as(Role.SURVEYOR)

    assert f'name="omlop-owner" content="{actor(Role.SURVEYOR).owner}"' in browser.get("/ko").text
    del browser.headers["Authorization"]
    assert "omlop-owner" not in browser.get("/logg-inn").text
    assert browser.get("/ko").status_code == 303
