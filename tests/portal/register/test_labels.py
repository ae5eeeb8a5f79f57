"""Printed labels are scanned here as a phone would scan them."""

from datetime import date

import pypdfium2
import pytest
import zxingcpp

from kernel.places.rules import new_door_code
from portal.register.labels import Label, qr_matrix, write_sheet


def labels(count):
    return [Label(new_door_code(), "3栋", str(i // 12 + 1), f"{i % 12 // 2 + 1}0{i % 2 + 1}") for i in range(count)]


def scanned(path, dpi):
    pages = pypdfium2.PdfDocument(path)
    return [code.text for page in pages for code in zxingcpp.read_barcodes(page.render(scale=dpi / 72).to_pil())]


@pytest.mark.parametrize("count", [1, 12, 25])
def test_every_code_of_every_page_can_be_scanned(tmp_path, count):
    made = labels(count)
    path = tmp_path / "labels.pdf"
    pages = write_sheet(
        path,
        made,
        estate="桃园北巷",
        base_url="https://gj.example.gov.cn",
        host="gj.example.gov.cn",
        made_on=date(2026, 11, 22),
    )
    assert pages == -(-count // 12)
    assert sorted(scanned(path, 130)) == sorted(f"https://gj.example.gov.cn/h/{label.code}" for label in made)


def test_a_page_shows_in_words_what_the_code_holds_and_no_person(tmp_path):
    made = [Label("7K3M9QXT2B", "3栋", "2", "501"), Label("0123456789", "综合楼", "", "A1")]
    path = tmp_path / "labels.pdf"
    write_sheet(
        path,
        made,
        estate="桃园北巷",
        base_url="https://gj.example.gov.cn",
        host="gj.example.gov.cn",
        made_on=date(2026, 11, 22),
    )
    text = pypdfium2.PdfDocument(path)[0].get_textpage().get_text_range()
    assert "桃园北巷 3栋 2单元 501" in text
    assert "桃园北巷 综合楼 A1" in text
    assert "7K3M" in text
    assert "gj.example.gov.cn" in text
    assert "第 1 页，共 1 页" in text


def test_a_long_name_stays_inside_its_label(tmp_path):
    made = [Label("7K3M9QXT2B", "综合服务大楼东侧", "12", "1201")]
    path = tmp_path / "labels.pdf"
    write_sheet(
        path,
        made,
        estate="韶关市浈江区桃园西邮局及电信局职工宿舍" * 2,
        base_url="https://gj.example.gov.cn",
        host="gj.example.gov.cn",
        made_on=date(2026, 11, 22),
    )
    text = pypdfium2.PdfDocument(path)[0].get_textpage()
    place, length = text.search("综合服务大楼东侧 12单元 1201").get_next()
    boxes = [text.get_charbox(index) for index in range(max(0, place - 10), place + length)]
    millimetres = 25.4 / 72
    assert min(box[0] for box in boxes) * millimetres > 11
    assert max(box[2] for box in boxes) * millimetres < 11 + 60


def test_the_same_labels_give_the_same_file(tmp_path):
    made = labels(3)
    for name in ("a.pdf", "b.pdf"):
        write_sheet(
            tmp_path / name,
            made,
            estate="桃园北巷",
            base_url="https://gj.example.cn",
            host="gj.example.cn",
            made_on=date(2026, 11, 22),
        )
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_a_code_survives_a_scratched_corner():
    matrix = qr_matrix("https://gj.example.gov.cn/h/7K3M9QXT2B")
    side = len(matrix)
    assert side == 33
    from PIL import Image

    picture = Image.new("L", ((side + 8) * 6, (side + 8) * 6), 255)
    for row, modules in enumerate(matrix):
        for column, dark in enumerate(modules):
            scratched = row > side - 9 and column > side - 9
            if dark and not scratched:
                picture.paste(0, ((column + 4) * 6, (row + 4) * 6, (column + 5) * 6, (row + 5) * 6))
    assert [code.text for code in zxingcpp.read_barcodes(picture)] == ["https://gj.example.gov.cn/h/7K3M9QXT2B"]
