"""What answering a questionnaire asks of the database: each statement is dear, and none is added unseen.

Beside these, a request of somebody signed in reads his session: one statement, of a page in its own snapshot.
"""

from kernel import clock
from tests.support.statements import Asked
from tests.surveys.questionnaires.conftest import NOW

PAGE = [
    "BEGIN",
    "SELECT campaign",  # the dwelling, its campaign, the account's tie, whether it has answered
    "SELECT campaign",  # the one before
    "SELECT survey_paper",  # a paper of this household that is being keyed
    "COMMIT",
]
SUBMISSION = [
    "BEGIN",
    "INSERT idempotency",
    "SELECT campaign",
    "INSERT audit_entry",
    "INSERT audit_payload",
    "INSERT response",
    "INSERT valid_response",
    "INSERT tally_queue",
    "UPDATE attachment",
    "COMMIT",
]


def test_opening_and_submitting_a_sheet_asks_no_more_than_it_must(survey, make):
    home = survey.dwellings[0]
    account = survey.owner(home)
    client = make.signed_in(account)
    body = {"dwelling": home.public_id, "channel": "wechat_self", "answers": survey.answers(account, home)}
    key = {"Idempotency-Key": "once-and-again"}
    with clock.at(NOW):
        client.get(f"/q/{survey.campaign}/{home.public_id}")  # compiles the sheet
        with Asked() as page:
            assert client.get(f"/q/{survey.campaign}/{home.public_id}").status_code == 200
        path = f"/api/v1/campaigns/{survey.campaign}/responses"
        with Asked() as first:
            assert client.post(path, json=body, headers=key).status_code == 201
        with Asked() as again:
            assert client.post(path, json=body, headers=key).status_code == 201
    assert page.words == PAGE
    assert first.words == SUBMISSION
    assert again.words[:3] == ["BEGIN", "INSERT idempotency", "SELECT idempotency"]
    assert all(word.startswith("SELECT") for word in again.words[2:-1])
