"""Answers made for one request are packed on their way out."""

import pytest
from flask import Flask

from tests.kernel.web.gallery import gallery_app


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    return gallery_app(tmp_path_factory.mktemp("var"))


@pytest.mark.parametrize(
    ("count", "accept", "coding"), [(10, "br", None), (900, "br", "br"), (900, "gzip", "gzip"), (900, "", None)]
)
def test_a_dynamic_answer_is_packed_from_one_kilobyte_on(
    app: Flask, count: int, accept: str, coding: str | None
) -> None:
    answer = app.test_client().get(f"/json/{count}", headers={"Accept-Encoding": accept})
    assert answer.headers.get("Content-Encoding") == coding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert int(answer.headers["Content-Length"]) == len(answer.data)
