"""The secretariat's pages of publishing: made, looked at, published, sent to a catalogue, withdrawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from app.jobs.runner import drain
from app.kernel.catalogue_settings import CatalogueSettings
from app.kernel.db import db
from tests.conftest import Backend, sign_in
from tests.monitoring.ongoing import open_projects
from tests.proposals.earlier import LAST_YEAR
from tests.releases.ckan_server import TOKEN, Catalogue, serve_catalogue
from tests.world import FISCAL_YEAR, World

NEW = f"/secretariat/publishing/{LAST_YEAR}"


@pytest.fixture
def desk(client: FlaskClient, backend: Backend, world: World) -> FlaskClient:
    """The secretariat's browser, with two projects to publish."""
    with backend.app.app_context():
        backend.begin_with("two projects", lambda: open_projects(world, joint=True))
        db.session.remove()
    sign_in(client, world.email("secretariat"))
    return client


@pytest.fixture
def ckan(backend: Backend) -> Iterator[Catalogue]:
    """A catalogue this installation publishes to."""
    config = backend.app.config["DGI"]
    with serve_catalogue() as catalogue:
        told = CatalogueSettings(catalogue.url, TOKEN, "dga", "data@dga.example")
        backend.app.config["DGI"] = replace(config, catalogue=told)
        yield catalogue
        backend.app.config["DGI"] = config


def test_a_release_from_preview_to_withdrawal(desk: FlaskClient) -> None:
    preview = desk.get(NEW).text
    assert "ชุดแรกของปีนี้" in preview
    assert "1,000,001.00" in preview
    made = desk.post(NEW, data={"note": "ชุดแรก"})
    assert made.status_code == 303
    address = made.headers["Location"]
    assert desk.get(f"/plan/{LAST_YEAR}").status_code == 404  # made is not published
    assert desk.get(f"{address}/files/projects.csv").data.startswith(b"\xef\xbb\xbf")
    assert desk.get(f"{address}/files/nothing.csv").status_code == 404
    assert desk.post(f"{address}/publish", data={"version": "1"}).status_code == 303
    assert desk.post(f"{address}/publish", data={"version": "1"}).status_code == 409
    assert "ชุดแรก" in desk.get(f"/plan/{LAST_YEAR}").text
    again = desk.get(NEW).text
    assert "ไม่มีอะไรเปลี่ยนจากชุดก่อน" in again
    short = desk.post(f"{address}/withdraw", data={"version": "2", "reason": "สั้น"})
    assert short.status_code == 422
    assert 'id="reason-error"' in short.text
    assert (
        desk.post(f"{address}/withdraw", data={"version": "2", "reason": "ยอดรวมไม่ถูกต้อง"}).status_code == 303
    )
    assert desk.get(f"/plan/{LAST_YEAR}").status_code == 410


def test_nothing_is_previewed_of_an_open_call(desk: FlaskClient) -> None:
    assert "ยังไม่ปิดรับ" in desk.get(f"/secretariat/publishing/{FISCAL_YEAR}").text
    assert desk.post(f"/secretariat/publishing/{FISCAL_YEAR}").status_code == 422


def test_a_published_release_is_sent_to_the_catalogue(
    desk: FlaskClient, ckan: Catalogue, backend: Backend
) -> None:
    address = desk.post(NEW).headers["Location"]
    assert "catalogue" not in re.findall(r'action="[^"]*/(\w+)"', desk.get(address).text)
    desk.post(f"{address}/publish", data={"version": "1"})
    looked = desk.post(f"{address}/catalogue", data={"do": "look"})
    assert "package.zip" in looked.text
    assert ckan.packages == {}
    assert desk.post(f"{address}/catalogue", data={"do": "send"}).status_code == 303
    assert desk.post(f"{address}/catalogue", data={"do": "send"}).status_code == 422  # once at a time
    drain(backend.app)
    (package,) = ckan.packages.values()
    assert len(package["resources"]) == 12
    assert "ส่งครบแล้ว" in desk.get(address).text
    ckan.faults[:] = ["403"]
    desk.post(f"{address}/catalogue", data={"do": "send"})
    drain(backend.app)
    page = desk.get(address).text
    assert "ส่งไม่สำเร็จ" in page
    assert "DGI_CKAN_TOKEN" in page
    ckan.faults[:] = ["redirect"]
    assert desk.post(f"{address}/catalogue", data={"do": "look"}).status_code == 422


def test_only_the_release_that_counts_is_sent_and_a_withdrawn_one_still_lies_there(
    desk: FlaskClient, ckan: Catalogue, backend: Backend
) -> None:
    """An earlier release would take the place of the later one in the catalogue."""
    addresses = []
    for _ in range(2):
        addresses.append(desk.post(NEW).headers["Location"])
        desk.post(f"{addresses[-1]}/publish", data={"version": "1"})
        backend.clock.advance(minutes=1)
    earlier, later = addresses
    assert desk.post(f"{earlier}/catalogue", data={"do": "send"}).status_code == 422
    assert 'value="send"' not in desk.get(earlier).text
    desk.post(f"{later}/catalogue", data={"do": "send"})
    drain(backend.app)
    assert len(ckan.packages) == 1
    desk.post(f"{later}/withdraw", data={"version": "2", "reason": "ยอดรวมไม่ถูกต้อง"})
    assert 'id="still-there"' in desk.get(later).text
    assert desk.post(f"{earlier}/catalogue", data={"do": "send"}).status_code == 303  # it counts again


def test_without_settings_nothing_can_be_sent(desk: FlaskClient) -> None:
    address = desk.post(NEW).headers["Location"]
    desk.post(f"{address}/publish", data={"version": "1"})
    assert "DGI_CKAN_URL" in desk.get(address).text
    assert desk.post(f"{address}/catalogue", data={"do": "send"}).status_code == 422
