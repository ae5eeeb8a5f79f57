"""Pages for everybody: rendered once, answered without the application while they cannot have changed."""

import gzip
import threading
from datetime import UTC, datetime, timedelta

import brotli
import pytest
from flask import Flask, Response

from kernel import clock
from kernel.errors import NotSignedIn
from kernel.web import Pages, kept, open_to_all, problems
from kernel.web.guards import Guard
from kernel.web.kept import KeptPage, KeptPages, versioned_bytes
from tests.kernel.web.gallery import gallery_app

NOON = datetime(2026, 11, 27, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return gallery_app(tmp_path_factory.mktemp("var"))


def test_a_kept_page_is_rendered_once_a_version_and_once_a_type_size(gallery: Flask) -> None:
    times: list[int] = []

    def render() -> str:
        times.append(1)
        return "<p>" + "问卷" * 500

    for cookie in ("", "type=large", "", "type=large", "type=nonsense"):
        with gallery.test_request_context(headers={"Cookie": cookie, "Accept-Encoding": "br"}):
            answer = versioned_bytes("once", render)
            assert brotli.decompress(answer.get_data()).decode() == "<p>" + "问卷" * 500
    assert len(times) == 2


def test_a_kept_page_answers_not_modified_to_its_own_etag(gallery: Flask) -> None:
    client = gallery.test_client()
    first = client.get("/kept", headers={"Accept-Encoding": "br"})
    again = client.get("/kept", headers={"Accept-Encoding": "br", "If-None-Match": first.headers["ETag"]})
    other = client.get("/kept", headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, other.status_code) == (200, 304, 200)
    assert "Cookie" in first.headers["Vary"]
    assert first.headers["Content-Encoding"] == "br"


def test_kept_json_under_a_versioned_address_may_be_kept_a_year(gallery: Flask) -> None:
    with gallery.test_request_context(headers={"Accept-Encoding": "gzip"}):
        answer = versioned_bytes("json:1", lambda: "{}", mimetype="application/json", immutable=True)
    assert "immutable" in answer.headers["Cache-Control"]
    assert gzip.decompress(answer.get_data()) == b"{}"


def test_many_who_come_at_once_wait_for_one_rendering_and_a_failure_is_not_kept() -> None:
    pages, begun, made = KeptPages(), threading.Barrier(5), []

    def render() -> KeptPage:
        made.append(1)
        return KeptPage.of("x")

    def come() -> None:
        begun.wait()
        assert pages.get("one", render).raw == b"x"

    threads = [threading.Thread(target=come) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [1]

    def fails() -> KeptPage:
        raise LookupError

    for _ in range(2):
        with pytest.raises(LookupError):
            pages.get("two", fails)
    assert pages.get("two", render).raw == b"x"


def test_while_one_visitor_draws_a_page_anew_the_others_are_sent_the_last_seconds() -> None:
    pages, address = KeptPages(), ("host", "/board", "", "br", "normal")
    old = kept._Answer(kept._Mark(b"old", "tag", NOON.timestamp()), [], [])
    with clock.at(NOON):
        assert pages.answer(address) is None
        pages.remember(address, old)
        assert pages.answer(address) is old
    with clock.at(NOON + timedelta(seconds=1)):
        assert pages.answer(address) is None  # it is his to draw
        assert pages.answer(address) is old
        pages.made(address)  # he could not
        assert pages.answer(address) is None  # so the next one does
    with clock.at(NOON + timedelta(seconds=2)):
        assert pages.answer(address) is None  # two seconds old is too old for anybody


class _Asked(Exception):
    """The application was asked."""


def _deaf(*_: object) -> None:
    raise _Asked


def test_what_everybody_may_read_is_answered_without_the_application_until_the_second_ends(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.extensions["gongjian_kept_pages"] = KeptPages()
    client = app.test_client(use_cookies=False)
    phone = {"Accept-Encoding": "gzip, br", "Cookie": "s=somebody; type=large"}

    def get(method: str = "GET", path: str = "/city", **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return client.open(path, method=method, headers={**phone, **named})

    with clock.at(NOON):
        first = get()
        assert first.status_code == 200
        assert 'data-size="large"' in brotli.decompress(first.data).decode()
        monkeypatch.setattr(app, "full_dispatch_request", _deaf)
        again, head = get(Cookie="type=large; s=another"), get("HEAD")
        assert (again.data, again.headers) == (first.data, first.headers)
        assert (head.status_code, head.data, head.headers) == (200, b"", first.headers)
        for known in (first.headers["ETag"], "W/" + first.headers["ETag"], '"x", ' + first.headers["ETag"], "*"):
            unchanged = get(If_None_Match=known)
            assert (unchanged.status_code, unchanged.data) == (304, b"")
            assert set(unchanged.headers.keys()) == set(first.headers.keys()) - {
                "Content-Type", "Content-Length", "Content-Encoding",
            }  # fmt: skip
        assert get(If_None_Match='"older"').data == first.data
        for other in (
            {"Cookie": "type=normal"}, {"Accept-Encoding": "gzip"}, {"Host": "elsewhere.example"},
            {"path": "/city?x=1"}, {"path": "/city/"}, {"method": "POST"}, {"If-Match": "x"}, {"Range": "bytes=0-1"},
            {"Cookie": "type=large; x=\u00ff"}, {"Cookie": "type =xlarge"},
        ):  # fmt: skip
            with pytest.raises(_Asked):
                get(**other)
    with clock.at(NOON + timedelta(seconds=1)), pytest.raises(_Asked):
        get()


def test_what_a_guard_watches_or_names_one_caller_is_asked_for_each_time() -> None:
    app, may_enter = Flask(__name__), [True]

    def check() -> None:
        if not may_enter[0]:
            raise NotSignedIn("not-signed-in", "请先登录。")

    guarded = Pages("guarded", __name__, guard=Guard("somebody", "Somebody.", check), url_prefix="/api/guarded")
    public = Pages("public", __name__, guard=open_to_all, url_prefix="/api/public")

    def show() -> Response:
        return versioned_bytes("text", lambda: "text", mimetype="text/plain", immutable=True)

    @public.after_request
    def _count(response: Response) -> Response:
        response.headers["X-RateLimit-Remaining"] = "3"
        return response

    for blueprint in (guarded, public):
        blueprint.route("/text")(show)
        app.register_blueprint(blueprint)
    problems.install(app)
    app.extensions["gongjian_assets"] = type("Build", (), {"build_hash": ""})()
    kept.install(app)
    assert app.test_client().get("/api/guarded/text").status_code == 200
    may_enter[0] = False
    assert app.test_client().get("/api/guarded/text").status_code == 401
    assert app.test_client().get("/api/public/text").text == "text"
    assert app.extensions["gongjian_kept_pages"]._answers == {}
