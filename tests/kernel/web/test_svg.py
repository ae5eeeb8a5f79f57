"""Charts and codes are drawn without inline style and say their figures in words."""

from fractions import Fraction
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from kernel.web.qr import QUIET_MODULES, qr_path, qr_svg
from kernel.web.svg import Bar, Part, bars, ring, share_bar


def test_bars_give_each_label_and_figure_as_real_text() -> None:
    drawn = ET.fromstring(bars("缴费率", [Bar("工商局<宿舍>", Fraction(1, 2), "50.0%"), Bar("乙", 2, "200.0%", True)]))
    texts = ["".join(item.itertext()) for item in drawn]
    assert texts == ["工商局<宿舍> 50.0%", "乙 200.0%"]
    lengths = [rect.get("width") for rect in drawn.iter("rect") if rect.get("class") != "c0"]
    assert lengths == ["160", "320"]


def test_a_share_bar_is_cut_in_proportion_and_stands_empty_without_votes() -> None:
    drawn = ET.fromstring(share_bar("票数", [Part("同意", 3), Part("不同意", 1, "c2"), Part("没投", 0, "c4")]))
    parts = [(r.get("class"), float(r.get("x") or 0), float(r.get("width") or 0)) for r in drawn.iter("rect")]
    assert parts == [("c0", 0, 320), ("c1", 0, 240), ("c2", 240, 80)]
    assert drawn.get("aria-label") == "票数：同意 3，不同意 1，没投 0"
    assert len(list(ET.fromstring(share_bar("票数", [Part("同意", 0)])).iter("rect"))) == 1


@pytest.mark.parametrize(
    ("share", "dash"), [(0, "0 283"), (Fraction(1, 2), "141.5 283"), (Fraction(186, 100), "283 283")]
)
def test_a_ring_never_goes_round_more_than_once(share: Fraction, dash: str) -> None:
    drawn = ET.fromstring(ring("开工率", share, "x"))
    assert [c.get("stroke-dasharray") for c in drawn.iter("circle")][1] == dash


def test_no_chart_carries_inline_style() -> None:
    for drawn in (bars("a", [Bar("b", 1, "c")]), share_bar("a", [Part("b", 1)]), ring("a", 1, "b"), qr_svg("x", "y")):
        assert "style=" not in drawn


@pytest.mark.parametrize("strong", [False, True])
def test_the_drawn_path_is_a_code_that_a_reader_reads(strong: bool) -> None:
    text = "https://example.test/h/7KQ2M9X4PT"
    path, side = qr_path(text, strong=strong)
    image = Image.new("L", (side * 4, side * 4), 255)
    pen = ImageDraw.Draw(image)
    for run in path.split("z")[:-1]:
        x, rest = run[1:].split(" ")
        y, length = rest.split("h")[0], rest.split("h")[1].split("v")[0]
        left, top = int(x) * 4, int(y) * 4
        pen.rectangle((left, top, left + int(length) * 4 - 1, top + 3), fill=0)
    assert [found.text for found in zxingcpp.read_barcodes(image)] == [text]
    assert image.getpixel((QUIET_MODULES * 4 - 1, side * 2)) == 255


def test_a_code_says_what_it_opens() -> None:
    drawn = ET.fromstring(qr_svg("x", '打开"这一户"'))
    assert drawn.get("aria-label") == '打开"这一户"'
