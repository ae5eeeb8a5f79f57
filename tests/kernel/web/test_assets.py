"""Static files: one hash, packed once, kept a year; kept pages; packed answers."""

import gzip
import threading
from pathlib import Path

import brotli
import pytest
from flask import Flask

from kernel.web.assets import KeptPages, asset, build, lean, static_folders, versioned_bytes
from tests.kernel.web.gallery import gallery_app


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return gallery_app(tmp_path_factory.mktemp("var"))


def address(app: Flask, name: str) -> str:
    with app.test_request_context():
        return asset(name)


def test_a_static_file_has_a_hashed_address_and_may_be_kept_a_year(app: Flask) -> None:
    answer = app.test_client().get(address(app, "kernel/base.css"), buffered=True)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "text/css" in answer.headers["Content-Type"]


def test_the_packed_form_is_sent_to_who_asks_for_it(app: Flask) -> None:
    client, url = app.test_client(), address(app, "kernel/api.js")
    plain = client.get(url, buffered=True).data
    br = client.get(url, headers={"Accept-Encoding": "gzip, br"}, buffered=True)
    gz = client.get(url, headers={"Accept-Encoding": "gzip"}, buffered=True)
    assert (br.headers["Content-Encoding"], gz.headers["Content-Encoding"]) == ("br", "gzip")
    assert brotli.decompress(br.data) == gzip.decompress(gz.data) == plain


def test_modules_import_each_other_under_the_same_hash(app: Flask) -> None:
    one, other = address(app, "kernel/api.js"), address(app, "kernel/base.js")
    assert one.rsplit("/", 1)[0] == other.rsplit("/", 1)[0]
    assert b'"./base.js"' in app.test_client().get(one, buffered=True).data


def test_the_style_sheet_of_every_page_stays_small(app: Flask) -> None:
    answer = app.test_client().get(address(app, "kernel/base.css"), headers={"Accept-Encoding": "br"}, buffered=True)
    assert len(answer.data) <= 4_500


def test_a_misspelt_file_name_fails_when_the_page_is_drawn(app: Flask) -> None:
    with app.test_request_context(), pytest.raises(KeyError):
        asset("kernel/bass.css")


def test_a_path_cannot_leave_the_folder(app: Flask) -> None:
    assert app.test_client().get("/assets/../../config.py").status_code == 404
    assert app.test_client().get("/assets/%2e%2e/%2e%2e/config.py").status_code == 404


def test_the_same_files_are_built_once_and_a_change_leaves_the_old_build(tmp_path: Path) -> None:
    folder = tmp_path / "votes" / "static"
    folder.mkdir(parents=True)
    (folder / "a.js").write_text("export const a = 1;\n")
    target = tmp_path / "out"
    first = build({"votes": folder}, target)
    assert build({"votes": folder}, target) == first
    (folder / "a.js").write_text("export const a = 2;\n")
    second = build({"votes": folder}, target)
    assert first != second
    assert (target / first / "votes" / "a.js").read_text() == "export const a = 1;\n"
    assert sorted(path.name for path in target.iterdir()) == sorted([first, second])


def test_packages_are_called_after_the_folder_that_owns_the_files(tmp_path: Path) -> None:
    for owner in ("kernel/web", "surveys/votes", "payments"):
        (tmp_path / owner / "static").mkdir(parents=True)
    assert set(static_folders(tmp_path)) == {"kernel", "votes", "payments"}
    (tmp_path / "portal/votes/static").mkdir(parents=True)
    with pytest.raises(ValueError, match="votes"):
        static_folders(tmp_path)


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a/x.css", b"/* why */\na{b:c}\n  d{}", b"a{b:c}\nd{}\n"),
        ("a/x.js", b"// why\n  const a = 1; // kept\n\n", b"const a = 1; // kept\n"),
        ("a/vendor/x.js", b"// licence\na", b"// licence\na"),
        ("a/x.txt", b"// text\n", b"// text\n"),
    ],
)
def test_our_comments_do_not_travel_but_a_vendored_licence_does(path: str, before: bytes, after: bytes) -> None:
    assert lean(path, before) == after


def test_a_kept_page_is_rendered_once_a_version_and_once_a_type_size(app: Flask) -> None:
    times: list[int] = []

    def render() -> str:
        times.append(1)
        return "<p>" + "问卷" * 500

    for cookie in ("", "type=large", "", "type=large", "type=nonsense"):
        with app.test_request_context(headers={"Cookie": cookie, "Accept-Encoding": "br"}):
            answer = versioned_bytes("once", render)
            assert brotli.decompress(answer.get_data()).decode() == "<p>" + "问卷" * 500
    assert len(times) == 2


def test_a_kept_page_answers_not_modified_to_its_own_etag(app: Flask) -> None:
    client = app.test_client()
    first = client.get("/kept", headers={"Accept-Encoding": "br"})
    again = client.get("/kept", headers={"Accept-Encoding": "br", "If-None-Match": first.headers["ETag"]})
    other = client.get("/kept", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, other.status_code) == (200, 304, 200)
    assert "Cookie" in first.headers["Vary"]
    assert first.headers["Content-Encoding"] == "br"


def test_kept_json_under_a_versioned_address_may_be_kept_a_year(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Encoding": "gzip"}):
        answer = versioned_bytes("json:1", lambda: "{}", mimetype="application/json", immutable=True)
    assert "immutable" in answer.headers["Cache-Control"]
    assert gzip.decompress(answer.get_data()) == b"{}"


@pytest.mark.parametrize(
    ("count", "accept", "coding"), [(10, "br", None), (900, "br", "br"), (900, "gzip", "gzip"), (900, "", None)]
)
def test_a_dynamic_answer_is_packed_from_one_kilobyte_on(
    app: Flask, count: int, accept: str, coding: str | None
) -> None:
    answer = app.test_client().get(f"/json/{count}", headers={"Accept-Encoding": accept})
    assert answer.headers.get("Content-Encoding") == coding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert int(answer.headers["Content-Length"]) == len(answer.data)


def test_many_who_come_at_once_wait_for_one_rendering_and_a_failure_is_not_kept() -> None:
    pages, begun, made = KeptPages(), threading.Barrier(5), []

    def render() -> str:
        made.append(1)
        return "x"

    def come() -> None:
        begun.wait()
        assert pages.get("one", render).raw == b"x"

    threads = [threading.Thread(target=come) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]

    def fails() -> str:
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            pages.get("two", fails)
    assert pages.get("two", render).raw == b"x"
