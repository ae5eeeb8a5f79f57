"""Static files: one hash, packed once, kept a year."""

import gzip
from pathlib import Path

import brotli
import pytest
from flask import Flask

from kernel.web.assets import asset, build, lean, static_folders
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
