"""The register's use cases: importing a roster, issuing and revoking door codes."""

from portal.register.services.door_codes import issue_codes, print_labels, revoke_code
from portal.register.services.importing import ImportReport, import_roster

__all__ = ["ImportReport", "import_roster", "issue_codes", "print_labels", "revoke_code"]
