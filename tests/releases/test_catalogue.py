"""Publishing to a catalogue: what arrives is what was frozen, read back by another client; and a server in every mood."""

from __future__ import annotations

import csv
import io
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from ckanapi import RemoteCKAN
from flask import current_app

from app.kernel.canonical import sha256_bytes
from app.kernel.catalogue_settings import CatalogueSettings, read_catalogue_settings
from app.kernel.config import read_config
from app.kernel.errors import Refused
from app.releases.catalogue import FILES, mandatory_items
from app.releases.ckan import CatalogueFault, Ckan
from app.releases.making import PreparedRelease, release_store
from app.releases.sending import Parcel, look, parcel, send
from app.releases.summing import total
from tests.monitoring.ongoing import open_projects
from tests.releases.ckan_server import TOKEN, Catalogue, serve_catalogue
from tests.releases.publishing import prepare
from tests.world import NOW, World

pytestmark = pytest.mark.parametrize(
    "backend", ["sqlite"], indirect=True
)  # nothing here is asked of the database


@pytest.fixture(scope="module")
def server() -> Iterator[Catalogue]:
    with serve_catalogue() as catalogue:
        yield catalogue


@pytest.fixture
def ckan(server: Catalogue) -> Catalogue:
    server.packages.clear()
    server.files.clear()
    server.asked.clear()
    server.faults.clear()
    server.keeps_hashes = True
    return server


def settings_of(ckan: Catalogue, **changes: str) -> CatalogueSettings:
    told = {"url": ckan.url, "token": TOKEN, "organization": "dga", "email": "data@dga.example"}
    return CatalogueSettings(**told | changes)


def parcel_of(prepared: PreparedRelease, settings: CatalogueSettings) -> Parcel:
    return parcel(prepared.year, prepared.sha256, prepared.files, settings, "https://dgi.example")


def read(sha256: str) -> bytes:
    return release_store(current_app.config["DGI"]).get(sha256)


def give(sent: Parcel, settings: CatalogueSettings, **more: Any) -> list[tuple[str, str]]:
    return [(s.verb, s.name) for s in send(sent, settings, read, pause=lambda _seconds: None, **more)]


def test_what_arrives_is_what_was_frozen(app: Any, world: World, ckan: Catalogue) -> None:
    open_projects(world, joint=True)
    prepared = prepare(world)
    settings = settings_of(ckan)
    sent = parcel_of(prepared, settings)
    assert [s.verb for s in look(sent, settings)] == ["create"] * (1 + len(FILES))
    assert ckan.asked == ["package_show"]  # looking writes nothing
    give(sent, settings)
    with RemoteCKAN(ckan.url, apikey=TOKEN) as client:
        package = client.action.package_show(id="dgi-plan-2569")
    assert [r["name"] for r in package["resources"]] == list(FILES)
    for item in mandatory_items(prepared.year, settings.email, "dga"):
        if item.field not in ("tag_string", "owner_org"):
            assert package[item.field], item.field
    got = {}
    for resource in package["resources"]:
        with urllib.request.urlopen(resource["url"]) as answer:
            got[resource["name"]] = answer.read()
        assert sha256_bytes(got[resource["name"]]) == resource["hash"]
    rows = csv.DictReader(io.StringIO(got["projects.csv"].decode("utf-8-sig")))
    assert int(sum(Decimal(r["approved_baht"]) for r in rows) * 100) == total(prepared.year).approved
    # a second time there is nothing to do
    assert give(sent, settings) == []
    assert {s.verb for s in look(sent, settings)} == {"same"}
    # the next release goes into the same dataset and the same files
    before = {r["name"]: r["id"] for r in package["resources"]}
    after = give(parcel_of(prepare(world, at=NOW + timedelta(days=1)), settings), settings)
    assert after[0] == ("update", "")
    assert {verb for verb, _ in after} == {"update"}
    (only,) = ckan.packages.values()
    assert {r["name"]: r["id"] for r in only["resources"]} == before


@pytest.fixture
def small(app: Any, world: World, ckan: Catalogue) -> Parcel:
    """A parcel of three files."""
    open_projects(world)
    sent = parcel_of(prepare(world), settings_of(ckan))
    return Parcel(sent.dataset, sent.files[:3])


def test_a_sending_that_broke_off_is_taken_up_again(small: Parcel, ckan: Catalogue) -> None:
    # the second file fails three times, then everything goes well
    ckan.faults[:] = ["", "", "", "502"]
    done = give(small, settings_of(ckan))
    assert [name for _, name in done] == ["", *(f.name for f in small.files)]
    ckan.packages.clear()
    ckan.faults[:] = ["", "", "", "500", "500", "500", "500"]
    told: list[Any] = []
    with pytest.raises(CatalogueFault) as fault:
        give(small, settings_of(ckan), tell=told.append)
    assert fault.value.status == 500
    assert [s.name for s in told] == ["", small.files[0].name]
    ckan.faults.clear()
    assert [name for _, name in give(small, settings_of(ckan))] == [f.name for f in small.files[1:]]


@pytest.mark.parametrize(
    ("mood", "says", "is_passing"),
    [
        ("500", "HTTP 500", True),
        ("503", "HTTP 503", True),
        ("429", "HTTP 429", True),
        ("403", "DGI_CKAN_TOKEN", False),
        ("401", "DGI_CKAN_TOKEN", False),
        ("404", "not CKAN's", False),
        ("redirect", "elsewhere", False),
        ("html", "not CKAN's", False),
        ("nested", "not CKAN's", False),
        ("huge", "larger than 1 MiB", False),
        ("slow", "does not answer", True),
    ],
)
def test_a_server_in_a_bad_mood(app: Any, ckan: Catalogue, mood: str, says: str, is_passing: bool) -> None:
    ckan.faults[:] = [mood]
    client = Ckan(settings_of(ckan), seconds=1, largest=1024 * 1024)
    with pytest.raises(CatalogueFault) as fault:
        client.call("package_show", {"id": "x"})
    assert says in fault.value.text.en
    assert fault.value.is_passing is is_passing
    assert len(ckan.asked) == 1  # nobody was followed


def test_a_server_that_is_not_there(app: Any, small: Parcel, ckan: Catalogue) -> None:
    settings = settings_of(ckan, url="http://127.0.0.1:9")
    waits: list[float] = []
    with pytest.raises(CatalogueFault) as fault:
        send(small, settings, read, pause=waits.append)
    assert fault.value.is_passing
    assert len(waits) == 2


def test_a_server_that_begins_its_answer_again_and_again_is_left(app: Any) -> None:
    """Each line comes soon enough; there is no end to them."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            line, _ = listening.accept()
            with line, suppress(OSError):
                line.sendall(b"HTTP/1.1 200 OK\r\n")
                for _ in range(30):
                    line.sendall(b"X-More: to come\r\n")
                    time.sleep(0.1)

        thread = threading.Thread(target=drip)
        thread.start()
        settings = CatalogueSettings(
            f"http://127.0.0.1:{listening.getsockname()[1]}", "t", "dga", "a@b.example"
        )
        began = time.monotonic()
        with pytest.raises(CatalogueFault) as fault:
            Ckan(settings, seconds=1).find("package_show", id="x")
        assert "does not answer within 1 seconds" in fault.value.text.en
        assert fault.value.is_passing
        assert time.monotonic() - began < 2
        thread.join()


def test_an_address_where_no_catalogue_is_does_not_look_empty(
    app: Any, small: Parcel, ckan: Catalogue
) -> None:
    """A page that was not found is not a dataset that was not found."""
    ckan.faults[:] = ["404"]
    with pytest.raises(CatalogueFault) as fault:
        look(small, settings_of(ckan))
    assert "not CKAN's" in fault.value.text.en


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"token": "another"}, "DGI_CKAN_TOKEN"), ({"organization": "nobody"}, "Organization does not exist")],
)
def test_what_the_server_refuses_is_said(
    small: Parcel, ckan: Catalogue, changes: dict[str, str], says: str
) -> None:
    settings = settings_of(ckan, **changes)
    sent = Parcel(dict(small.dataset) | {"owner_org": settings.organization}, small.files)
    with pytest.raises(CatalogueFault) as fault:
        give(sent, settings)
    assert says in fault.value.text.en
    assert ckan.packages == {}


def test_a_dataset_removed_there_is_shown_again(small: Parcel, ckan: Catalogue) -> None:
    """CKAN keeps what was removed, and whoever may write it is still shown it."""
    give(small, settings_of(ckan))
    (package,) = ckan.packages.values()
    package["state"] = "deleted"
    assert give(small, settings_of(ckan))[0] == ("update", "")
    assert package["state"] == "active"


def test_a_server_that_keeps_something_else_is_found_out(small: Parcel, ckan: Catalogue) -> None:
    ckan.keeps_hashes = False
    with pytest.raises(CatalogueFault) as fault:
        give(small, settings_of(ckan))
    assert "shows something else" in fault.value.text.en


def test_nothing_is_sent_without_settings(small: Parcel, ckan: Catalogue) -> None:
    settings = CatalogueSettings()
    assert len(settings.missing) == 4
    with pytest.raises(Refused):
        give(small, settings)
    assert {s.verb for s in look(small, settings)} == {"create"}
    assert ckan.asked == []


def test_the_fourteen_items_are_fourteen(app: Any, world: World) -> None:
    open_projects(world)
    items = mandatory_items(prepare(world).year, "data@dga.example", "dga")
    assert len(items) - 1 == 14  # unit and interval of the frequency are one
    assert all(item.value for item in items)


def test_settings_are_read_and_a_token_travels_encrypted(app: Any, tmp_path: Any) -> None:
    told = {
        "DGI_CKAN_URL": "https://data.example.go.th/",
        "DGI_CKAN_TOKEN": " t ",
        "DGI_DATA_EMAIL": "a@b.example",
    }
    read_ = read_catalogue_settings(told, is_demo=False)
    assert (read_.url, read_.token, read_.email) == ("https://data.example.go.th", "t", "a@b.example")
    assert "token" not in repr(read_)
    for wrong in (
        {"DGI_CKAN_URL": "ftp://x"},
        {"DGI_CKAN_URL": "http://data.example.go.th"},
        {"DGI_DATA_EMAIL": "nobody"},
        {"DGI_CKAN_TOKEN": "a\nb"},
    ):
        with pytest.raises(ValueError, match="DGI_"):
            read_config({"DGI_INSTANCE": str(tmp_path), **wrong})
