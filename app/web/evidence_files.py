"""Evidence files of reports, fetched on whichever desk."""

from __future__ import annotations

from werkzeug.wrappers import Response

from app.kernel.db import db
from app.kernel.errors import NotFound
from app.monitoring.models import EvidenceFile
from app.monitoring.queries import find_record
from app.web.downloads import send_download
from app.web.filing import attachment_store
from app.web.signing import current_actor


def send_evidence(record_id: int, file_id: int) -> Response:
    """The bytes of an evidence file for whoever may read its report. Raises `NotFound`."""
    find_record(db.session(), current_actor(), record_id)
    file = db.session().get(EvidenceFile, file_id)
    if file is None or file.record_id != record_id or file.removed_at is not None:
        raise NotFound()
    return send_download(
        attachment_store().get(file.sha256), file.name, f"evidence-{file_id}", file.media_type
    )
