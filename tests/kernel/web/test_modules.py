"""The small ES modules of every page, run in a real browser against the gallery."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.kernel.web.gallery import gallery_app
from tests.support.browser import Phone, axe_violations, sideways_overflow_px, small_targets


class Quiet(WSGIRequestHandler):
    def log_request(self, *args: Any, **named: Any) -> None:
        """The test's own output is enough."""


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, str]]:
    app = gallery_app(tmp_path_factory.mktemp("var"))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield app, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(gallery: tuple[Flask, str], open_phone: Callable[..., Phone]) -> Page:
    gallery[0].extensions["seen_keys"].clear()
    return open_phone(gallery[1]).go("/")


def module(page: Page, name: str) -> str:
    base = page.get_attribute("script[type=module]", "src") or ""
    return base.replace("base.js", name)


def send(page: Page, body: dict[str, Any]) -> dict[str, Any]:
    """What api.js makes of an answer: the data, or the problem's parts."""
    found: dict[str, Any] = page.evaluate(
        """([url, body]) => import(url).then((api) => api.send("POST", "/api/echo", body, {retry: false}))
        .then((data) => ({data}), (p) => ({status: p.status, code: p.code, detail: p.detail, fields: p.fields}))""",
        [module(page, "api.js"), body],
    )
    return found


@pytest.mark.parametrize("size", ["normal", "large", "xlarge"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 375, 414])
def test_every_piece_is_usable_at_each_size_width_and_in_the_dark(
    gallery: tuple[Flask, str], open_phone: Callable[..., Phone], size: str, scheme: str, width: int
) -> None:
    phone = open_phone(gallery[1], width=width, look="dark" if scheme == "dark" else "normal")
    phone.context.add_cookies([{"name": "type", "value": size, "url": gallery[1]}])
    page = phone.go("/")
    assert axe_violations(page) == []
    assert sideways_overflow_px(page) == 0
    assert small_targets(page, 44 if size == "normal" else 60) == []


@pytest.mark.parametrize("path", ["/message", "/problem/401", "/problem/404", "/problem/503"])
def test_messages_and_problems_are_usable_and_lead_on(
    gallery: tuple[Flask, str], open_phone: Callable[..., Phone], path: str
) -> None:
    phone = open_phone(gallery[1], width=320, look="dark")
    phone.context.add_cookies([{"name": "type", "value": "xlarge", "url": gallery[1]}])
    page = phone.go(path)
    assert axe_violations(page) == []
    assert sideways_overflow_px(page) == 0
    assert small_targets(page, 60) == []
    assert page.locator("main a.btn").count() >= 1


def test_the_type_switch_goes_round_and_the_next_page_is_drawn_in_the_chosen_size(page: Page) -> None:
    seen = []
    for _ in range(3):
        page.click("[data-size-switch]")
        seen.append(page.evaluate("getComputedStyle(document.documentElement).fontSize"))
    assert seen == ["23px", "30px", "18px"]
    page.click("[data-size-switch]")
    answer = page.request.get("/message")
    assert 'data-size="large"' in answer.text()


def test_a_size_remembered_by_the_phone_returns_when_the_cookie_is_lost(page: Page) -> None:
    page.click("[data-size-switch]")
    page.context.clear_cookies()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-size", "large")
    assert "type=large" in page.evaluate("document.cookie")


def test_a_deed_that_got_no_answer_is_repeated_with_its_key_even_after_a_reload(
    gallery: tuple[Flask, str], page: Page
) -> None:
    page.evaluate("(url) => import(url).then(() => true)", module(page, "api.js"))  # as every page does at its start
    page.context.set_offline(True)
    lost = send(page, {"status": 201})
    assert (lost["status"], lost["code"]) == (0, "no-answer")
    assert "请再点一次" in lost["detail"]
    page.context.set_offline(False)
    kept = page.evaluate("JSON.parse(localStorage.getItem('pending:POST /api/echo')).key")
    page.reload()
    send(page, {"status": 201})
    send(page, {"status": 201})
    keys = gallery[0].extensions["seen_keys"]
    assert keys[0] == kept
    assert keys[1] != kept


def test_a_server_in_trouble_keeps_the_key_and_a_final_answer_drops_it(gallery: tuple[Flask, str], page: Page) -> None:
    assert send(page, {"status": 503})["detail"] == "暂时连不上。"
    send(page, {"status": 503})
    send(page, {"status": 409})
    send(page, {"status": 409})
    one, two, other_body, after_final = gallery[0].extensions["seen_keys"]
    assert one == two
    assert len({two, other_body, after_final}) == 3


def test_errors_stand_beside_their_fields_and_the_first_gets_the_focus(page: Page) -> None:
    page.evaluate(
        """([api, form]) => Promise.all([import(api), import(form)]).then(([a, f]) =>
        a.send("POST", "/api/echo", {status: 422}).catch((p) => f.showErrors(document.getElementById("form"), p)))""",
        [module(page, "api.js"), module(page, "form.js")],
    )
    assert page.inner_text("[data-field=tail] .error") == "要四位数字"
    assert page.get_attribute("#f-tail", "aria-invalid") == "true"
    assert page.evaluate("document.activeElement.id") == "f-tail"


def test_a_lost_session_shows_the_way_to_sign_in_and_back(page: Page) -> None:
    page.evaluate(
        "(url) => import(url).then((b) => b.report({status: 401, detail: '请先登录。'}))", module(page, "base.js")
    )
    assert "请先登录。" in page.inner_text("[data-alert]")
    assert page.get_attribute("[data-alert] a", "href") == "/signin?next=%2F"


def test_losing_the_network_is_said_and_nothing_is_lost(page: Page) -> None:
    assert page.is_hidden("[data-offline]")
    page.context.set_offline(True)
    page.wait_for_selector("[data-offline]", state="visible")
    page.context.set_offline(False)
    page.wait_for_selector("[data-offline]", state="hidden")


def test_a_signature_is_drawn_by_finger_and_cleared(page: Page) -> None:
    box = page.locator("#pad").bounding_box()
    page.locator("#pad").scroll_into_view_if_needed()
    box = page.locator("#pad").bounding_box()
    assert box is not None
    page.evaluate(
        "(url) => import(url).then((m) => { window.signing = m.signature(document.getElementById('pad')); })",
        module(page, "signature.js"),
    )
    assert page.evaluate("window.signing.isEmpty()")
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 60, steps=4)
    page.mouse.up()
    assert not page.evaluate("window.signing.isEmpty()")
    assert page.evaluate("window.signing.toDataURL()").startswith("data:image/png;base64,")
    page.evaluate("window.signing.clear()")
    assert page.evaluate("window.signing.isEmpty()")


def test_a_large_photo_is_shrunk_to_a_jpeg_and_no_picture_is_refused_in_words(page: Page) -> None:
    shrunk = page.evaluate(
        """(url) => import(url).then((m) => {
          const canvas = document.createElement("canvas");
          canvas.width = 3200; canvas.height = 1200;
          return new Promise((done) => canvas.toBlob(done, "image/png"))
            .then((blob) => m.shrink(blob))
            .then((blob) => createImageBitmap(blob).then((b) => [blob.type, b.width, b.height]));
        })""",
        module(page, "photo.js"),
    )
    assert shrunk == ["image/jpeg", 1600, 600]
    refused = page.evaluate(
        "(url) => import(url).then((m) => m.shrink(new Blob(['no']))).catch((error) => error.message)",
        module(page, "photo.js"),
    )
    assert "不是照片" in refused


def test_without_scripts_the_page_says_so_and_offers_paper_or_a_worker(
    gallery: tuple[Flask, str], open_phone: Callable[..., Phone]
) -> None:
    page = open_phone(gallery[1], javascript=False).go("/")
    words = page.inner_text("main")
    assert "纸质" in words
    assert "工作人员" in words


def test_a_chosen_row_is_tinted_and_its_neighbour_is_not(page: Page) -> None:
    page.click("text=暂不同意")
    rows = page.locator(".choice:has(input[type=radio])")
    assert ["on" in (rows.nth(i).get_attribute("class") or "") for i in range(2)] == [False, True]


@pytest.mark.parametrize("how", ["tap", "enter"])
def test_a_button_pressed_before_the_modules_listen_is_pressed_again_when_they_do(
    gallery: tuple[Flask, str], open_phone: Callable[..., Phone], how: str
) -> None:
    page = open_phone(gallery[1]).page
    held: list[Route] = []
    page.route("**/kernel/base.js", lambda route: held.append(route))
    page.goto(gallery[1] + "/", wait_until="commit")
    field = page.locator("[name=tail]")
    field.fill("1234")
    page.evaluate("document.getElementById('next').type = 'submit'")
    if how == "tap":
        page.locator("#next").click()
    else:
        field.press("Enter")
    assert page.url == gallery[1] + "/"
    listening = """
        document.getElementById("form").addEventListener("submit", (event) => {
          event.preventDefault();
          document.getElementById("form").setAttribute("data-sent", event.target.elements.tail.value);
        });"""
    (route,) = held
    route.fulfill(response=(answer := route.fetch()), body=answer.text() + listening)
    expect(page.locator("#form[data-sent='1234']")).to_be_visible()


def test_a_form_whose_module_never_came_keeps_its_words_on_the_page_and_says_so(
    gallery: tuple[Flask, str], open_phone: Callable[..., Phone]
) -> None:
    page = open_phone(gallery[1]).page
    page.route("**/kernel/base.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(gallery[1] + "/")
    page.locator("[name=tail]").fill("1234")
    page.evaluate("document.getElementById('next').type = 'submit'")
    page.locator("#next").click()
    expect(page.locator("[data-alert]")).to_contain_text("还没有提交")
    assert page.locator("[name=tail]").input_value() == "1234"
    assert page.url == gallery[1] + "/"
