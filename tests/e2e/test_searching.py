"""The search that acceptance rests on finds a secret wherever it is hidden."""

import gzip
import html
import io
import json
import sqlite3
import zipfile
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from tests.e2e.searching import files_below, places_of

SECRET = 'Zm9-vYmFyX3a/+"&<%\\ ä'


def packed(content: bytes) -> bytes:
    """Returns an archive with one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("trace.network", content)
    return file.getvalue()


FORMS = {
    "verbatim": SECRET,
    "percent-encoded": quote(SECRET),
    "percent-encoded whole": quote(SECRET, safe=""),
    "form": quote_plus(SECRET),
    "percent-encoded twice": quote(quote(SECRET, safe="")),
    "lower case": quote(SECRET, safe="").replace("%C3%A4", "%c3%a4").replace("%2F", "%2f"),
    "HTML": html.escape(SECRET),
    "JSON": json.dumps(SECRET),
    "JSON, not ASCII": json.dumps(SECRET, ensure_ascii=False),
    "JSON in JSON": json.dumps(json.dumps({"a": [SECRET]})),
    "repr": repr(SECRET),
    "Basic": f"Basic {b64encode(f'probe:{SECRET}'.encode()).decode()}",
    "base64 of URLs": urlsafe_b64encode(f"a:{SECRET}".encode()).decode(),
    "base64 in a URL": quote(b64encode(f"ab:{SECRET}".encode()).decode(), safe=""),
    "the beginning": SECRET[:10],
    "the end": f"x{SECRET[-10:]}",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_secret_is_found_in_any_form(form: str) -> None:
    """Encoded, and that packed, and that within a document."""
    text = f"it is {form}, or so".encode()
    report = json.dumps({"steps": [{"note": text.decode()}]}).encode()
    for content in (text, report, gzip.compress(text), packed(text), packed(gzip.compress(report))):
        assert places_of(SECRET, content, name="file") != []


def test_a_secret_is_found_in_a_database(tmp_path: Path) -> None:
    """In a column, and in what a column has packed, while the database has a write-ahead log and after that."""
    for value in (SECRET, gzip.compress(json.dumps({"a": SECRET}).encode())):
        path = tmp_path / str(len(value)) / "history.db"
        path.parent.mkdir()
        database = sqlite3.connect(path)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE runs (report)")
        database.execute("INSERT INTO runs VALUES (?)", (value,))
        database.commit()
        database.close()
        assert [
            place
            for name, content in files_below(path.parent).items()
            for place in places_of(SECRET, content, name=name)
        ]


def test_other_things_are_not_found() -> None:
    """What has no part of it passes, whatever it looks like."""
    for content in (b"", b"Zm9-vYmFy", b"\x1f\x8b"[:1], b"[1, {}]", b"%", b"\\", b"{", bytes(range(256)) * 20):
        assert places_of(SECRET, content, name="file") == []


def test_a_short_secret_is_no_marker() -> None:
    """A search that would find it by chance is refused."""
    with pytest.raises(ValueError, match="no part"):
        places_of("hunter2", b"", name="file")
