"""A workbook of what is public of a campaign, added up and estate by estate: what anybody may be handed.

For districts and the city, who get no line of any single household (``results.audience``), and for whoever reports
upwards. Its numbers are those of the public results pages at that moment, kept back where they are.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import xlsxwriter
from sqlalchemy.orm import Session

from kernel.clock import china_day, china_text
from kernel.database import reading
from kernel.places.models import Place
from surveys.questionnaires.exports.sums import BOOK, SUMS, line, sum_lines, write_official, write_sums
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.publicly.queries import releases
from surveys.questionnaires.rules import tally
from surveys.questionnaires.rules.release import read
from surveys.questionnaires.rules.tally import Figure
from surveys.questionnaires.rules.totals import together
from surveys.questionnaires.services.forms import form_of

BY_ESTATE = ("小区", *SUMS)
ABOUT = (
    "表里是已公布的数字，和公开结果页一样，可以对外。",
    "每个小区每多 5 户以上才变一次，所以前后两张表的差别不会透露哪一户怎么填。",
    "不到 5 户的，和能推算出它们的，写“未公布”。合计只加各小区已公布的数，所以可能比各小区实际加起来少。",
    "合计里一个选项的“回答户数”，是公布了这个选项的小区里回答该题的户数，比例按它算。",
    "比例占回答该题的户数；多选题加起来可以超过 100%。",
)


def write(
    campaign: Campaign, estates: Sequence[Place], path: Path, *, tell: Callable[[int, int], None], now: datetime
) -> int:
    """Write the public figures of some estates to ``path``; how many estates. ``tell`` may open a transaction."""
    tell(0, len(estates))
    public = _public(reading(), campaign, estates)
    people = sum(each for each, _ in public.values())
    whole = together([figures for _, figures in public.values()])
    book = xlsxwriter.Workbook(str(path), {**BOOK, "tmpdir": str(path.parent)})
    official, sums, apart, about = (book.add_worksheet(name) for name in ("汇总表", "汇总", "各小区", "说明"))
    day = china_day(now).isoformat()
    write_official(book, official, whole, people, title=campaign.title, day=day)
    write_sums(book, sums, whole, people)
    line(apart, 0, BY_ESTATE, book.add_format({"bold": True}))
    at = 1
    for place in estates:
        answered, figures = public.get(place.id, ("还没有公布", []))
        for cells in (("", "答卷总数", "", "", answered), *sum_lines(figures)):
            line(apart, at, (place.name, *cells))
            at += 1
    for number, words in enumerate((f"{campaign.title}，{china_text(now)} 的数字。", *ABOUT)):
        line(about, number, (words,))
    book.close()
    tell(len(estates), len(estates))
    return len(estates)


def _public(session: Session, campaign: Campaign, estates: Sequence[Place]) -> dict[int, tuple[int, list[Figure]]]:
    """Estate (inner id) → how many answered and the figures, of those of which anything is public."""
    form = form_of(session, campaign.version_id)
    found = {}
    for each in releases(session, campaign.id, [place.id for place in estates]):
        shown = read(each.document).shown
        if shown[tally.RESPONSES]:
            found[each.estate_id] = shown[tally.RESPONSES], tally.figures(form, shown, public=True)
    return found
