"""One use case = one function = one transaction, and the whole function is repeated when the database asks for it."""

import ast

from tests.architecture.code import Module, modules

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _called(node: ast.AST) -> str:
    """The last name of what a call calls, or ""."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _transactions(function: Function) -> int:
    """How many ``with transaction(…)`` a function opens itself (functions inside it are looked at on their own)."""
    count = 0
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Function):
            continue
        if isinstance(node, ast.With):
            count += sum(_called(item.context_expr) == "transaction" for item in node.items)
        waiting.extend(ast.iter_child_nodes(node))
    return count


def _openers() -> list[tuple[Module, Function, int]]:
    found = []
    for m in modules("kernel", "surveys", "payments", "portal"):
        if m.path.startswith("kernel/database"):
            continue
        for node in ast.walk(m.tree):
            if isinstance(node, Function) and (count := _transactions(node)):
                found.append((m, node, count))
    return found


def test_every_function_that_opens_a_transaction_is_a_use_case() -> None:
    strays = [
        f"{m.path}: {function.name}"
        for m, function, _ in _openers()
        if "use_case" not in {_called(decorator) for decorator in function.decorator_list}
    ]
    assert strays == []


def test_a_use_case_opens_one_transaction() -> None:
    assert [f"{m.path}: {function.name}" for m, function, count in _openers() if count > 1] == []


def test_transactions_are_opened_by_services_and_jobs_only() -> None:
    def is_place(path: str) -> bool:
        parts = path.removesuffix(".py").split("/")
        return bool({"services", "jobs", "demo", "cli"}.intersection(parts)) or path.startswith("kernel/")

    assert sorted({m.path for m, _, _ in _openers() if not is_place(m.path)}) == []
