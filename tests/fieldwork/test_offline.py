"""What a phone keeps to open without a network: the files of a release, and nobody's pages."""

import json
import re
from pathlib import Path

from fastapi.testclient import TestClient
from PIL import Image

from app.accounts.rules import Role
from tests.people import ActorOf, SignedInAs

STATIC = Path(__file__).resolve().parents[2] / "static"


def shell(client: TestClient) -> dict[str, object]:
    first = client.get("/sw.js").text.partition("\n")[0]
    found: dict[str, object] = json.loads(first.removeprefix("const SHELL = ").rstrip(";"))
    return found


def test_the_worker_is_asked_for_anew_each_time_and_may_see_every_page(client: TestClient) -> None:
    answer = client.get("/sw.js")

    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert answer.headers["Cache-Control"] == "no-cache"


def test_every_file_of_the_shell_is_served_and_every_own_module_is_among_them(
    client: TestClient,
) -> None:
    files = shell(client)["files"]
    assert isinstance(files, list)

    assert [each for each in files if client.get(each).status_code != 200] == []
    modules = {f"/static/modules/{path.name}" for path in (STATIC / "modules").glob("*.js")}
    assert modules <= set(files)
    assert any("zxing_reader.wasm?v=" in each for each in files)
    assert not any(each.endswith(".ttf") for each in files)


def test_the_kept_pages_are_pages_that_say_whose_they_are(
    client: TestClient, signed_in_as: SignedInAs, actor: ActorOf
) -> None:
    pages = shell(client)["pages"]
    assert isinstance(pages, list)
    surveyor = signed_in_as(Role.SURVEYOR)
    surveyor.post("/kartlegging", data={"name": "Kjelleren"})

    for path in pages:
        answer = surveyor.get(path)
        assert (path, answer.status_code) == (path, 200)
        assert answer.headers["Omlop-Owner"] == actor(Role.SURVEYOR).owner
        assert client.get(path).status_code == 303


def test_what_a_sent_entry_left_is_said_of_one_and_of_many(signed_in_as: SignedInAs) -> None:
    ends = (STATIC / "modules" / "verbs.js").read_text("utf-8")
    page = signed_in_as(Role.SURVEYOR).get("/ko").text
    names = {"left", *re.findall(r'said: "([a-z-]+)"', ends)}

    assert len(names) > 3
    for name in names:
        one, many = (
            re.findall(rf'data-text="{name}-{number}">([^<]+)<', page) for number in ("one", "many")
        )
        # A count has one end.
        assert (name, len(one), len(many)) == (name, 1, int(name != "counted-on"))
        assert "{n}" not in one[0]


def test_the_last_page_says_nothing_of_anybody(client: TestClient) -> None:
    answer = client.get("/frakoblet")

    assert answer.status_code == 200
    assert "Omlop-Owner" not in answer.headers


def test_the_manifest_names_icons_of_the_sizes_that_they_have(client: TestClient) -> None:
    answer = client.get("/manifest.webmanifest")
    manifest = answer.json()

    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert {each["purpose"] for each in manifest["icons"]} == {"any", "maskable"}
    assert {each["sizes"] for each in manifest["icons"] if each["purpose"] == "any"} == {
        "192x192",
        "512x512",
    }
    for icon in manifest["icons"]:
        name = icon["src"].partition("?")[0].removeprefix("/static/")
        with Image.open(STATIC / name) as picture:
            assert f"{picture.width}x{picture.height}" == icon["sizes"]


def test_the_manifest_says_what_a_browser_asks_of_a_program_that_is_installed(
    client: TestClient,
) -> None:
    manifest = client.get("/manifest.webmanifest").json()

    asked = ("id", "start_url", "scope", "display", "lang")
    assert [manifest[each] for each in asked] == ["/", "/", "/", "standalone", "nb"]
    assert manifest["name"] == manifest["short_name"] == "Omløp"
    assert "prefer_related_applications" not in manifest
    for each in ("start_url", *(shortcut["url"] for shortcut in manifest["shortcuts"])):
        path = manifest.get(each, each)
        assert client.get(path, follow_redirects=True).status_code == 200


def test_who_does_field_work_may_be_offered_to_install_it(signed_in_as: SignedInAs) -> None:
    assert "data-install " in signed_in_as(Role.SURVEYOR).get("/").text
    assert "data-install " not in signed_in_as(Role.EMPLOYEE).get("/").text
