"""A server that speaks CKAN's Action API as far as publishing needs it, and can be told to misbehave.

It keeps to the real one in what matters: tokens, names that are taken, an update that drops what it does not name, files
uploaded by multipart, and faults of CKAN's own form.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug import Request, Response
from werkzeug.serving import make_server

TOKEN = "a-token-of-the-test"


@dataclass
class Catalogue:
    """What the server holds, and how it is to misbehave: `faults` are taken one for each request, then none is left."""

    url: str = ""
    packages: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    keeps_hashes: bool = True

    def answer(self, request: Request) -> Response:
        if request.path.startswith("/files/"):
            return Response(self.files[request.path.removeprefix("/files/")])
        action = request.path.rpartition("/")[2]
        self.asked.append(action)
        fault = self.faults.pop(0) if self.faults else ""
        if fault:
            return self.misbehave(fault)
        if action != "package_show" and request.headers.get("Authorization") != TOKEN:
            return self.refuse(403, "Authorization Error", "Access denied: no such user")
        data = request.form.to_dict() if request.form else request.get_json(silent=True) or {}
        return getattr(self, action)(data | request.args.to_dict(), request.files.get("upload"))

    def misbehave(self, fault: str) -> Response:
        if fault == "redirect":
            return Response("", 302, {"Location": "http://127.0.0.1:9/elsewhere"})
        if fault == "html":
            return Response("<h1>It works!</h1>")
        if fault == "nested":
            return Response("[" * 100_000)
        if fault == "huge":
            return Response(b"x" * (2 * 1024 * 1024))
        if fault == "slow":
            return Response((time.sleep(0.3) or b" " for _ in range(40)), direct_passthrough=True)
        if fault == "403":
            return self.refuse(403, "Authorization Error", "Access denied")
        return Response("<h1>Bad gateway</h1>", int(fault))

    def refuse(self, status: int, kind: str, why: str) -> Response:
        return self.json({"success": False, "error": {"__type": kind, "message": why}}, status)

    def json(self, value: Any, status: int = 200) -> Response:
        return Response(json.dumps(value), status, content_type="application/json")

    def done(self, result: Any) -> Response:
        return self.json({"success": True, "result": result})

    def package_show(self, data: dict[str, Any], _file: Any) -> Response:
        for package in self.packages.values():
            if data.get("id") in (package["id"], package["name"]):
                return self.done(package)
        return self.refuse(404, "Not Found Error", "Not found")

    def package_create(self, data: dict[str, Any], _file: Any) -> Response:
        if any(p["name"] == data["name"] for p in self.packages.values()):
            return self.refuse(409, "Validation Error", "That URL is already in use.")
        if data["owner_org"] != "dga":
            return self.refuse(409, "Validation Error", "Organization does not exist")
        package = {
            **data,
            "id": str(uuid.uuid4()),
            "resources": [],
            "organization": {"name": data["owner_org"]},
        }
        package["owner_org"] = str(uuid.uuid4())  # CKAN shows the organisation's id here
        self.packages[package["id"]] = package
        return self.done(package)

    def package_update(self, data: dict[str, Any], _file: Any) -> Response:
        package = self.packages[data["id"]]
        package |= data | {"owner_org": package["owner_org"]}
        package["resources"] = data.get("resources", [])
        return self.done(package)

    def resource_create(self, data: dict[str, Any], file: Any) -> Response:
        resource = {"id": str(uuid.uuid4())}
        self.packages[data["package_id"]]["resources"].append(resource)
        return self.keep(resource, data, file)

    def resource_patch(self, data: dict[str, Any], file: Any) -> Response:
        for package in self.packages.values():
            for resource in package["resources"]:
                if resource["id"] == data["id"]:
                    return self.keep(resource, data, file)
        return self.refuse(404, "Not Found Error", "Not found")

    def keep(self, resource: dict[str, Any], data: dict[str, Any], file: Any) -> Response:
        resource |= {key: value for key, value in data.items() if key != "package_id"}
        if not self.keeps_hashes:
            resource.pop("hash", None)
        self.files[resource["id"]] = file.read()
        resource["url"] = f"{self.url}/files/{resource['id']}"
        return self.done(resource)


@contextmanager
def serve_catalogue() -> Iterator[Catalogue]:
    """The server on a free port of this machine."""
    catalogue = Catalogue()
    server = make_server("127.0.0.1", 0, Request.application(catalogue.answer), threaded=True)
    catalogue.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield catalogue
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
