"""How WeChat Pay says no."""

from typing import Any


class Refusal(Exception):
    """WeChat Pay says no: an HTTP status, a code, a sentence, and the number at the end of Request-ID."""

    def __init__(
        self, status: int, code: str, message: str, *, detail: Any = None, inner: int = 268435456, hint: str = ""
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message
        self.detail, self.inner, self.hint = detail, inner, hint


def wrong_parameter(name: str, issue: str, value: Any = None) -> Refusal:
    """400 PARAM_ERROR that points at one field, in the shape WeChat Pay uses."""
    detail = {"location": "body", "field": f"/{name.replace('.', '/')}", "value": value, "issue": issue}
    return Refusal(400, "PARAM_ERROR", f"参数错误：{name} {issue}", detail=detail)
