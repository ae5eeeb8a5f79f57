"""A worker scans a real label: printed as PDF, held before a camera, photographed, or typed from the paper."""

import io
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageEnhance
from playwright.sync_api import Browser, expect

from kernel import clock
from kernel.database import transaction, use_case
from kernel.people.models import Account
from kernel.places.models import DoorCode, Dwelling, Place
from kernel.places.queries import dwellings_of_estate
from portal.register.labels import Label, write_sheet
from tests.factories import Factory
from tests.support.browser import ARGUMENTS, Phone, find_browser

CODE = "7KQ2M9X4PT"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def label(tmp_path_factory: pytest.TempPathFactory) -> Image.Image:
    """The label as the printer makes it: a page of the PDF at 150 dpi, its first label cut out."""
    sheet = tmp_path_factory.mktemp("labels") / "sheet.pdf"
    write_sheet(
        sheet,
        [Label(CODE, "1栋", "1", "101")],
        estate="桃园北巷",
        base_url="https://gj.example.cn",
        host="gj.example.cn",
        made_on=date(2026, 11, 22),
    )
    document = pypdfium2.PdfDocument(str(sheet))
    page: Image.Image = document[0].render(scale=150 / 72).to_pil().convert("RGB")
    document.close()
    width, height = page.size
    return page.crop((0, 0, width * 74 // 210, height * 78 // 297))


def held(label: Image.Image, *, size: tuple[int, int], side: int, turned: float) -> Image.Image:
    """The label in a dim stairwell: on a grey wall, a little turned, not sharp."""
    wall = Image.new("RGB", size, (116, 110, 104))
    paper = label.resize((side, side * label.height // label.width), Image.Resampling.BILINEAR)
    paper = paper.rotate(turned, expand=True, fillcolor=(116, 110, 104))
    wall.paste(paper, ((size[0] - paper.width) // 2, (size[1] - paper.height) // 2))
    return ImageEnhance.Brightness(wall).enhance(0.7)


@pytest.fixture(scope="module")
def film(label: Image.Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the camera sees, as motion JPEG: first the bare wall, then the label coming nearer."""
    path = tmp_path_factory.mktemp("film") / "label.mjpeg"
    with path.open("wb") as out:
        for frame in range(20):
            side = 120 + 14 * frame
            held(label, size=(640, 480), side=side, turned=6).save(out, "JPEG", quality=80)
    return path


@pytest.fixture(scope="module")
def camera_browser(browser: Browser, film: Path) -> Iterator[Browser]:
    """A second browser whose camera plays the film."""
    started = browser.browser_type.launch(
        executable_path=find_browser(),
        chromium_sandbox=False,
        args=[
            *ARGUMENTS,
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        ],
    )
    yield started
    started.close()


@use_case
def stick_label(dwelling: Dwelling) -> None:
    """Put the test's label on a door."""
    with transaction() as session:
        session.add(DoorCode(code=CODE, dwelling_id=dwelling.id, issued_at=clock.now()))


@pytest.fixture
def door(make: Factory) -> tuple[Dwelling, Account]:
    """A dwelling with the label on its door, and the worker in charge of it."""
    from kernel.database import reading
    from kernel.places.queries import place_by_id

    estate: Place = make.estate()
    dwelling = dwellings_of_estate(reading(), estate.id)[0]
    stick_label(dwelling)
    community = place_by_id(reading(), estate.parent_id or 0)
    worker = make.account()
    make.grant(worker, "community_worker", community)
    return dwelling, worker


@pytest.fixture
def photo(label: Image.Image) -> bytes:
    """A phone's photo of the label: large, the code a small part of it."""
    out = io.BytesIO()
    held(label, size=(3000, 4000), side=900, turned=-4).save(out, "JPEG", quality=85)
    return out.getvalue()


def at(dwelling: Dwelling) -> str:
    return f"**/work/d/{dwelling.public_id}"


def test_a_label_before_the_camera_opens_its_dwelling(
    door: tuple[Dwelling, Account],
    served: str,
    make: Factory,
    camera_browser: Browser,
    visit: Callable[..., Phone],
) -> None:
    dwelling, worker = door
    phone = visit(worker, in_wechat=False, on=camera_browser, permissions=["camera"])
    page = phone.go("/work/scan")
    page.click("[data-camera-start]")
    page.wait_for_url(at(dwelling))
    assert dwelling.label in page.inner_text("h1")


def test_a_photo_of_the_label_opens_its_dwelling(
    door: tuple[Dwelling, Account], visit: Callable[..., Phone], photo: bytes
) -> None:
    dwelling, worker = door
    page = visit(worker, in_wechat=False).go("/work/scan")
    page.set_input_files("[data-photo]", {"name": "door.jpg", "mimeType": "image/jpeg", "buffer": photo})
    page.wait_for_url(at(dwelling))


def test_a_photo_without_a_label_says_what_to_do(door: tuple[Dwelling, Account], visit: Callable[..., Phone]) -> None:
    blank = io.BytesIO()
    Image.new("RGB", (800, 600), (200, 200, 200)).save(blank, "JPEG")
    page = visit(door[1], in_wechat=False).go("/work/scan")
    page.set_input_files("[data-photo]", {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": blank.getvalue()})
    expect(page.locator("[data-photo-words]")).to_contain_text("没认出来")


def test_the_code_under_the_label_may_be_typed_carelessly(
    door: tuple[Dwelling, Account], visit: Callable[..., Phone]
) -> None:
    dwelling, worker = door
    page = visit(worker, in_wechat=False).go("/work/scan")
    page.fill("#f-code", "12")
    page.click("form [type=submit]")
    assert "10 位" in page.inner_text(".error")
    page.fill("#f-code", "7kq2-m9x4 pt")
    page.click("form [type=submit]")
    page.wait_for_url(at(dwelling))


def test_in_wechat_its_own_scanner_is_offered_first(
    door: tuple[Dwelling, Account], visit: Callable[..., Phone]
) -> None:
    """WeChat's side is played by a bridge that answers as the app does; the signature comes from a stand-in route."""
    dwelling, worker = door
    phone = visit(worker)
    phone.context.add_init_script(
        """window.WeixinJSBridge = { invoke: (name, data, done) => {
          if (name === "preVerifyJSAPI") done({ err_msg: "preVerifyJSAPI:ok" });
          if (name === "scanQRCode") done({ err_msg: "scanQRCode:ok",
            resultStr: JSON.stringify({ scan_code: { scan_result: "https://gj.example.cn/h/7KQ2M9X4PT" } }) });
          }, on: () => 0, call: () => 0 };"""
    )
    signed = {"app_id": "wx1", "timestamp": 1, "nonce": "n", "signature": "s"}
    phone.context.route("**/api/v1/wechat/jssdk?*", lambda route: route.fulfill(json=signed))
    page = phone.go("/work/scan")
    page.click("[data-wechat-scan]")
    page.wait_for_url(at(dwelling))


def test_a_label_of_another_estate_does_not_open_for_this_worker(
    door: tuple[Dwelling, Account], make: Factory, visit: Callable[..., Phone]
) -> None:
    elsewhere = make.estate(name="别处")
    stranger = make.account()
    make.grant(stranger, "community_worker", elsewhere)
    page = visit(stranger, in_wechat=False).go(f"/work/h/{CODE}")
    assert "没有办理这里的权限" in page.inner_text("main")
