"""The modules of a page are asked for together, and those a page names do something."""

import re
from pathlib import Path

from flask import Flask

from kernel.web.assets import modules, static_folders
from kernel.web.scripts import imported, in_order
from tests.kernel.web.gallery import gallery_app

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = static_folders(ROOT)
NAMED = re.compile(r"modules\(([^)]*)\)")
DOES_SOMETHING = re.compile(
    r"^(?!import\b|export\b|(?:async )?function\b|const\b|let\b|class\b|//|/\*|[}\])])\S", re.MULTILINE
)


def read(name: str) -> str:
    package, _, inside = name.partition("/")
    return (FOLDERS[package] / inside).read_text(encoding="utf-8")


def named_by_pages() -> set[str]:
    """Every module that some template asks for."""
    pages = [page for top in ("kernel", "surveys", "payments", "portal") for page in (ROOT / top).rglob("*.html")]
    found = [NAMED.findall(page.read_text(encoding="utf-8")) for page in pages]
    return {name for page in found for names in page for name in re.findall(r"'([^']+\.js)'", names)}


def test_what_is_imported_comes_before_who_imports_it_each_once_and_rings_end() -> None:
    texts = {
        "a/page.js": 'import { one } from "./one.js";\nimport {\n  two,\n} from "../b/two.js";\nimport("./late.js");\n',
        "a/one.js": '// import "./no.js"\nimport { two } from "../b/two.js";\nexport { x } from "./round.js";\n',
        "b/two.js": 'import "./three.js";\n',
        "b/three.js": "",
        "a/round.js": 'import { one } from "./one.js";\n',
    }
    assert imported("a/page.js", texts["a/page.js"]) == ["a/one.js", "b/two.js"]
    order = in_order(["a/page.js", "b/two.js"], texts.__getitem__)
    assert order == ["b/three.js", "b/two.js", "a/round.js", "a/one.js", "a/page.js"]


def test_every_import_of_our_modules_is_seen_and_leads_to_a_file() -> None:
    ours = [
        f"{package}/{path.relative_to(folder).as_posix()}"
        for package, folder in FOLDERS.items()
        for path in folder.rglob("*.js")
        if "vendor" not in path.parts
    ]
    for name in ours:
        plain = re.sub(r"(?m)^\s*//.*$", "", read(name))
        assert len(imported(name, read(name))) == len(
            re.findall(r'(?:from|import)\s*"\./|(?:from|import)\s*"\.\./', plain)
        ), name
    assert set(in_order(ours, read)) == set(ours)


def test_the_tags_of_a_page_leave_out_what_the_layout_has(tmp_path: Path) -> None:
    app: Flask = gallery_app(tmp_path)
    with app.test_request_context():
        tags = modules("kernel/form.js", "kernel/api.js").splitlines()
    assert [re.sub(r'.*/kernel/(\w+\.js)"></script>$', r"\1", tag) for tag in tags] == ["form.js", "api.js"]


def test_a_module_that_a_page_asks_for_does_something_by_itself() -> None:
    """One that only offers functions leaves the page's buttons dead: nobody hears them."""
    assert len(named_by_pages()) > 50
    assert [name for name in sorted(named_by_pages()) if not DOES_SOMETHING.search(read(name))] == []
