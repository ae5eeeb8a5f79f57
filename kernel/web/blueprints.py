"""Blueprints that name their guard: ``Api`` for JSON under /api/v1, ``Pages`` for HTML that only answers GET."""

from collections.abc import Callable
from typing import Any

import flask
import flask_smorest

from kernel.web.guards import Guard

UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})

_KEY_PARAMETER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "minLength": 8, "maxLength": 64},
    "description": "A UUID made by the client before it sends; the same key has the same effect once.",
}


class Api(flask_smorest.Blueprint):
    """A JSON blueprint; one audience a file, one guard a blueprint."""

    def __init__(self, name: str, import_name: str, *, guard: Guard, url_prefix: str, description: str = "") -> None:
        super().__init__(name, import_name, url_prefix=url_prefix, description=description)
        self.guard = guard
        self.before_request(guard.check)

    def route(self, rule: str, *, methods: list[str] | None = None, keyed: bool = True, **options: Any) -> Callable:
        """Register a view. ``keyed``: an unsafe one documents its Idempotency-Key (and must ask for it)."""
        register = super().route(rule, methods=methods or ["GET"], **options)
        document: dict[str, Any] = {"x-guard": self.guard.name, "security": [{"session": []}]}
        if self.guard.name == "open_to_all":
            document["security"] = []
        if keyed and UNSAFE & set(methods or ()):
            document["parameters"] = [_KEY_PARAMETER]

        def decorate(view: Callable) -> Callable:
            return register(self.doc(**document)(view))

        return decorate

    def arguments(self, schema: Any, **options: Any) -> Callable:
        """Shape what comes in. The schema is made here, once: given a class, the library makes one at each request."""
        decorate: Callable = super().arguments(schema() if isinstance(schema, type) else schema, **options)
        return decorate

    def _prepare_arguments_doc(self, doc: dict, doc_info: dict, **kwargs: Any) -> dict:
        """Describe a file and the fields sent with it as the one multipart body they are: the library documents one
        of two bodies and forgets the other.
        """
        asked = doc_info.get("arguments", {}).get("parameters", [])
        bodies = {each["in"]: each for each in asked if each["in"] in ("form", "files")}
        if len(bodies) == 2:
            form, files = bodies["form"], bodies["files"]
            both = type(form["schema"]), type(files["schema"])
            files["schema"] = type(f"{both[1].__name__}AndForm", both, {})
            asked.remove(form)
        documented: dict = super()._prepare_arguments_doc(doc, doc_info, **kwargs)
        return documented


class Pages(flask.Blueprint):
    """An HTML blueprint. Pages render, the API writes: a page that answers POST would be a second write surface."""

    def __init__(
        self,
        name: str,
        import_name: str,
        *,
        guard: Guard,
        url_prefix: str | None = None,
        template_folder: str | None = None,
    ) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix, template_folder=template_folder)
        self.guard = guard
        self.before_request(guard.check)

    def route(self, rule: str, **options: Any) -> Callable:
        """Register a page. Raises ValueError for any method but GET."""
        if set(options.get("methods", ["GET"])) - {"GET"}:
            raise ValueError(f"{rule}: pages answer GET only; changes go through /api/v1")
        return super().route(rule, **options)


class Machine(flask.Blueprint):
    """A blueprint for other machines' calls (payment notices, OAuth return): its views prove their caller."""

    def __init__(self, name: str, import_name: str, *, guard: Guard, url_prefix: str | None = None) -> None:
        super().__init__(name, import_name, url_prefix=url_prefix)
        self.guard = guard
        self.before_request(guard.check)
