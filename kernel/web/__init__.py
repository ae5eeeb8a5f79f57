"""What every page and API of the product shares. Feature packages import from here, never from Flask's extensions."""

from kernel.web.blueprints import Api, Machine, Pages
from kernel.web.guards import (
    Guard,
    Identity,
    identity,
    maybe_identity,
    open_to_all,
    proves_itself,
    require_grant,
    require_resident,
)
from kernel.web.request import acting, idempotency_key, names_its_site, page

__all__ = [
    "Api",
    "Guard",
    "Identity",
    "Machine",
    "Pages",
    "acting",
    "idempotency_key",
    "identity",
    "maybe_identity",
    "names_its_site",
    "open_to_all",
    "page",
    "proves_itself",
    "require_grant",
    "require_resident",
]
