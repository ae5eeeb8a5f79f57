"""How a request's cookie becomes an identity for the guards."""

from flask import Flask, current_app, g

from kernel import clock
from kernel.web.guards import Identity, use_identity_loader
from portal.auth import cookies, services


def install(app: Flask) -> None:
    """Register the loader with an application."""
    use_identity_loader(app, load_identity)


def https() -> bool:
    """Whether browsers reach this deployment by https."""
    return bool(current_app.extensions["gongjian.config"].https)


def load_identity() -> Identity | None:
    """Who the session cookie is, or None; asked once a request."""
    token = cookies.session_token(https=https())
    signed = services.identify(token, now=clock.now()) if token else None
    g.session_public_id = signed.session_public_id if signed else None
    return signed.identity if signed else None
