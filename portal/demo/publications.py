"""The demo estates' books as they were published, week by week until the seed day."""

from payments.publications.services import publish_due
from portal.demo import Demo


def books(demo: Demo) -> str:
    """Publish every week that is over."""
    return f"账目公示：{publish_due(now=demo.now)} 期"
