"""Imports run down, and each module keeps to its trade (the tables of the design)."""

import ast
import fnmatch
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.code import Module, modules

# library -> the only files that may import it
ONLY_HERE = {
    "flask": [
        "kernel/web/*",
        "*/api_*.py",
        "*/pages_*.py",
        "*/pages.py",
        "portal/app.py",
        "portal/settings.py",
        "portal/auth*",
        "portal/health.py",
        "portal/cli/*",
        "kernel/database.py",
        "kernel/database/*",
        "sandbox/*",
        # Not requests: what the application object holds (its checkpoint key, the folder of the timers).
        "kernel/audit/services.py",
        "portal/jobs.py",
    ],
    "flask_smorest": ["kernel/web/*", "portal/app.py"],
    "flask_limiter": ["kernel/web/*", "portal/app.py"],
    "flask_migrate": ["kernel/database.py", "kernel/database/*", "portal/app.py", "migrations/*"],
    "flask_sqlalchemy": ["kernel/database.py", "kernel/database/*"],
    "limits": ["kernel/web/rate_limits.py"],
    "wechatpy": ["portal/wechat/*"],
    "wechatpayv3": ["payments/gateways/*"],
    "requests": ["kernel/outbound.py", "portal/wechat/*", "payments/gateways/*", "portal/notices/*", "sandbox/*"],
    "huey": ["kernel/jobs.py", "kernel/jobs/*", "portal/jobs.py", "portal/cli/*"],
    "config": ["wsgi.py", "portal/app.py", "portal/settings.py", "portal/cli/*"],
    "wsgi": [],
}
ENVIRONMENT_READERS = ["config.py", "sandbox/*"]
PURE_KERNEL = {"kernel.money", "kernel.ratio", "kernel.calendar", "kernel.clock", "kernel.errors", "kernel.masks"}
IMPURE = ("flask", "sqlalchemy", "marshmallow", "requests", "huey", "wechatpy", "wechatpayv3")


def _allowed(path: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatch(path, pattern) for pattern in patterns)


def _kind(module: Module) -> str:
    """The trade a module of a feature package follows: rules, models, queries, schemas, services, speaker, or ""."""
    parts = module.path.removesuffix(".py").split("/")
    if parts[0] not in {"surveys", "payments", "portal", "kernel"}:
        return ""
    for part in parts[1:]:
        if part in {"rules", "models", "queries", "schemas", "services"}:
            return part
        if part.startswith(("api_", "pages_")) or part in {"pages", "jobs", "cards"}:
            return "speaker"
    return ""


def test_imports_run_down_through_the_layers() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(lint)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


@pytest.mark.parametrize("library", sorted(ONLY_HERE))
def test_a_library_is_imported_only_where_it_belongs(library: str) -> None:
    strays = [m.path for m in modules() if m.imports_any(library) and not _allowed(m.path, ONLY_HERE[library])]
    assert strays == []


def test_the_environment_is_read_once() -> None:
    strays = [
        m.path
        for m in modules()
        if ("os.environ" in m.text or "os.getenv" in m.text) and not _allowed(m.path, ENVIRONMENT_READERS)
    ]
    assert strays == []


def test_rules_decide_without_a_database_a_request_or_a_clock() -> None:
    strays = []
    for m in modules("surveys", "payments", "portal", "kernel"):
        if _kind(m) != "rules":
            continue
        strays += [f"{m.path} imports {name}" for name in m.imports_any(*IMPURE)]
        own = m.name.split(".rules")[0] + ".rules"
        for name in m.imports_any("kernel", "surveys", "payments", "portal"):
            pure = any(name == p or name.startswith(f"{p}.") for p in {*PURE_KERNEL, own}) or name == "kernel"
            # Rules of a package below are as pure as one's own.
            pure = pure or re.match(r"(kernel|surveys|payments)(\.\w+)+\.rules\b", name) is not None
            if not pure and not own.startswith(f"{name}."):
                strays.append(f"{m.path} imports {name}")
        if "now()" in m.text:
            strays.append(f"{m.path} reads the clock")
    assert strays == []


@pytest.mark.parametrize(
    ("kind", "never"),
    [
        ("rules", {"models", "queries", "schemas", "services", "speaker"}),
        ("models", {"queries", "schemas", "services", "speaker"}),
        ("queries", {"schemas", "services", "speaker"}),
        ("schemas", {"models", "queries", "services", "speaker"}),
        ("services", {"speaker"}),
    ],
)
def test_modules_of_one_kind_import_only_those_below_them(kind: str, never: set[str]) -> None:
    by_name = {m.name: m for m in modules()}
    strays = []
    for m in modules("surveys", "payments", "portal", "kernel"):
        if _kind(m) != kind:
            continue
        for name in sorted(m.imports):
            target = by_name.get(name)
            if target is not None and _kind(target) in never:
                strays.append(f"{m.path} imports {name}")
    assert strays == []


def test_every_select_of_a_feature_package_stands_in_its_queries() -> None:
    """Also one within another statement: whoever looks for what is asked of a table finds it in one place."""
    strays = [
        f"{m.path}:{node.lineno}"
        for m in modules("surveys", "payments", "portal")
        if _kind(m) in {"rules", "models", "schemas", "services", "speaker"}
        for node in ast.walk(m.tree)
        if isinstance(node, ast.Call) and _is_select(node.func)
    ]
    assert strays == []


def _is_select(called: ast.expr) -> bool:
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return name == "select"


def test_the_product_and_the_sandbox_know_each_other_by_address_only() -> None:
    assert [m.path for m in modules("sandbox") if m.imports_any("kernel", "surveys", "payments", "portal")] == []
    assert [m.path for m in modules("kernel", "surveys", "payments", "portal") if m.imports_any("sandbox")] == []
