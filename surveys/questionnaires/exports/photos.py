"""Photos of responses as a zip with a folder a door, written one picture at a time.

Two looks. For the community's own work: every photo of the sheets that count, by door. For publishing (公示): only
those of households that agreed to it, without door or building in any name, in an order that tells nothing of doors.
"""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from kernel.database import reading
from kernel.storage import store
from surveys.questionnaires.exports import queries
from surveys.questionnaires.models import Campaign
from surveys.questionnaires.rules import branching
from surveys.questionnaires.rules.columns import without_numbers
from surveys.questionnaires.rules.form import Form
from surveys.questionnaires.rules.questions import Question
from surveys.questionnaires.services.forms import form_of

Tell = Callable[[int, int], None]
PART = 100
CONSENT = "photos"
"""The item of a consent question by which a household agrees that its photos are published."""
LONGEST_NAME = 60
INDEX = "说明.txt"


def may_publish(form: Form, answers: dict[str, Any]) -> bool:
    """Whether a household agreed that its photos are published: asked for by name and answered yes."""
    return any(
        question.kind == "consent" and (answers.get(question.code) or {}).get(CONSENT) is True
        for question in form.questions
    )


def shots(form: Form, answers: dict[str, Any], *, published: bool) -> Iterator[tuple[str, str, str]]:
    """(question code, file id, caption) of a sheet's photos. Photos of the paper itself (asked by how the sheet came
    in), which carries names and signatures, are never published."""
    for question in form.questions:
        if question.kind != "photo" or (published and (question.private or of_the_paper(question))):
            continue
        for photo in answers.get(question.code) or ():
            yield question.code, photo["file"], photo.get("caption", "")
    for question in form.questions:
        cut = len(question.code) + 1
        for number, row in enumerate((answers.get(question.code) or ()) if question.inner else (), 1):
            for one in question.inner:
                if one.kind == "photo" and not (published and (one.private or of_the_paper(one))):
                    for photo in row.get(one.code[cut:]) or ():
                        yield f"{question.code}{number}.{one.code[cut:]}", photo["file"], photo.get("caption", "")


def of_the_paper(question: Question) -> bool:
    """Whether a photo question is asked by how the sheet came in: for the filled-in paper itself."""
    return question.show_if is not None and "channel" in branching.names(question.show_if)


def safe(text: str) -> str:
    """A piece of a file's name: no way out of the folder, nothing a file system stumbles over."""
    kept = "".join(sign if sign.isalnum() or sign in " -_（）。，、" else "_" for sign in text).strip(" ._")
    return kept[:LONGEST_NAME] or "_"


def write(campaign: Campaign, estate_ids: Sequence[int], path: Path, *, published: bool, tell: Tell) -> int:
    """Write the zip; how many pictures. One picture in memory at a time; ``tell`` may open a transaction."""
    ids, _ = queries.valid_ids(reading(), campaign.id, estate_ids, by_door=not published)
    tell(0, len(ids))
    done = pictures = 0
    # Pictures are JPEG and PNG already: packing them again costs time and saves nothing.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for start in range(0, len(ids), PART):
            for row in queries.sheets(reading(), ids[start : start + PART].tolist()):
                done += 1
                form, answers = form_of(reading(), row.version_id), row.answers
                if published and not may_publish(form, answers):
                    continue
                for number, (question, file, caption) in enumerate(shots(form, answers, published=published), 1):
                    found = queries.picture(reading(), file)
                    if found is None:
                        continue  # what a retention rule has taken away is not there any more
                    pictures += 1
                    suffix = PurePosixPath(found).suffix
                    if published:
                        name = f"{safe(row.estate)}/{pictures:06}{suffix}"
                    else:
                        words = safe(str(without_numbers(caption)))
                        name = f"{safe(row.estate)}/{safe(row.label)}/{question}-{number}-{words}{suffix}"
                    archive.writestr(name, store().get(found))
            tell(done, len(ids))
        archive.writestr(INDEX, _about(campaign, pictures, published=published))
    return pictures


def _about(campaign: Campaign, pictures: int, *, published: bool) -> str:
    words = (
        "只含同意公示的住户的照片，文件名里没有楼栋和门牌。"
        if published
        else "按小区、门牌分文件夹。只供工作使用，请勿转发；没有征得住户同意的照片不能公示。"
    )
    return f"{campaign.title}\n共 {pictures} 张照片。\n{words}\n"
