"""What no file of the project may hold, and how long a module may be."""

import re

import pytest

from tests.architecture.code import modules, read, tracked_files

LONGEST_MODULE = 400
# The word of contract law for money one forfeits. Ours is 诚意金; 约定金额 and 规定金额 are other words.
WRONG_WORD = re.compile("(?<![约规核])定" + "金(?!额)")
REGISTRIES = re.compile(
    r"pypi\.(org|python)|pythonhosted\.|npmjs\.|(--|\b)(extra-)?index-url[ =]\S*//"
    r"|deb\.debian\.|mirrors?\.[a-z]+\.(com|cn|edu)"
)
MACHINE_PATHS = re.compile(r"(?<![\w.])/(work/(main|shared)|opt/pypi|tmp/gongjian)\b")


def _templates() -> list[str]:
    return [name for name in tracked_files() if "/templates/" in name]


def _scripts() -> list[str]:
    ours = [name for name in tracked_files() if "/static/" in name and name.endswith(".js")]
    return [name for name in ours if "/vendor/" not in name and ".min." not in name]


def _code(name: str) -> str:
    """The text of a file; in scripts and styles comments are blanked, for they may name what is not to be used."""
    text = read(name) or ""
    if name.endswith((".js", ".css")):
        text = re.sub(r"/\*.*?\*/", lambda found: "\n" * found.group().count("\n"), text, flags=re.DOTALL)
    if name.endswith(".js"):
        text = re.sub(r"(?m)(^|\s)//.*$", r"\1", text)
    return text


def _lines_with(pattern: re.Pattern[str], names: list[str]) -> list[str]:
    found = []
    for name in names:
        for number, line in enumerate(_code(name).splitlines(), 1):
            if pattern.search(line):
                found.append(f"{name}:{number}: {line.strip()[:100]}")
    return found


def test_no_module_is_too_long_to_be_read_at_once() -> None:
    long = {m.path: m.text.count("\n") for m in modules() if m.text.count("\n") > LONGEST_MODULE}
    assert long == {}, "make it a folder of the same name, cut by noun"


def test_the_money_is_never_called_by_the_wrong_word() -> None:
    assert _lines_with(WRONG_WORD, list(tracked_files())) == []


def test_no_file_names_a_package_registry() -> None:
    names = [name for name in tracked_files() if name != "tests/architecture/test_files.py"]
    assert _lines_with(REGISTRIES, names) == []
    assert _lines_with(re.compile("://"), [name for name in names if name.startswith("requirements")]) == []


def test_no_file_names_a_folder_of_one_machine() -> None:
    names = [name for name in tracked_files() if name != "tests/architecture/test_files.py"]
    assert _lines_with(MACHINE_PATHS, names) == []


@pytest.mark.parametrize(
    "forbidden",
    [
        r"\|\s*safe\b",
        r"<script(?![^>]*\bsrc=)(?![^>]*\btype=\"application/json\")",
        r"<style\b",
        r"\sstyle\s*=\s*[\"']",
        r"\son[a-z]+\s*=\s*[\"']",
        r"javascript:",
        r"\{%\s*autoescape\s+false",
    ],
)
def test_no_template_opens_a_hole_in_the_content_policy(forbidden: str) -> None:
    assert _lines_with(re.compile(forbidden, re.IGNORECASE), _templates()) == []


@pytest.mark.parametrize(
    "forbidden", [r"\binnerHTML\b", r"\bouterHTML\b", r"insertAdjacentHTML", r"\beval\(", r"document\.write"]
)
def test_no_script_writes_markup_from_text(forbidden: str) -> None:
    assert _lines_with(re.compile(forbidden), _scripts()) == []


@pytest.mark.parametrize("too_new", [r"\?\.(?=[A-Za-z_\[(])", r"\?\?", r"^await\b", r"\.replaceAll\(", r"\.at\(-"])
def test_scripts_run_on_phones_of_2018(too_new: str) -> None:
    assert _lines_with(re.compile(too_new), _scripts()) == []


@pytest.mark.parametrize(
    "too_new", [r":has\(", r"(^|[\s;{])inset\s*:", r"@container\b", r"@layer\b", r"\baspect-ratio\s*:"]
)
def test_styles_work_on_phones_of_2018(too_new: str) -> None:
    sheets = [name for name in tracked_files() if "/static/" in name and name.endswith(".css")]
    assert _lines_with(re.compile(too_new), sheets) == []


def test_nothing_is_left_half_done() -> None:
    pattern = re.compile(r"#.*\b(TODO|FIXME|XXX)\b")
    assert _lines_with(pattern, [m.path for m in modules()]) == []


def test_a_silenced_check_says_which_one() -> None:
    python = [name for name in tracked_files() if name.endswith(".py") and name != "tests/architecture/test_files.py"]
    assert _lines_with(re.compile(r"#\s*(type:\s*ignore(?!\[)|noqa(?!:\s*[A-Z]))"), python) == []
