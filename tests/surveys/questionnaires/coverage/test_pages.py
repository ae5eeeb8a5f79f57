"""Beside the figures: who has not answered."""

from datetime import timedelta

from kernel import clock
from surveys.questionnaires.publicly.services import release_waiting
from surveys.questionnaires.services import campaigns, counting
from tests.surveys.questionnaires.conftest import NOW


def test_beside_the_figures_stands_who_is_missing_but_never_a_group_that_points_at_a_door(survey, client):
    address = f"/q/{survey.campaign}/results?estate={survey.estate.code}"
    for home in survey.dwellings:
        account = survey.owner(home)
        survey.submit(account, home)
    while counting.drain_tally(now=NOW):
        pass
    release_waiting(now=NOW)
    with clock.at(NOW):
        assert "谁还没有说话" not in client.get(address).get_data(as_text=True)
    campaigns.close_by_hand(survey.campaign, person_id=None, actor="test", now=NOW)
    with clock.at(NOW + timedelta(seconds=2)):
        text = client.get(address).get_data(as_text=True)
    assert "谁还没有说话" in text
    assert "8 / 8 户" in text  # homes without a registered tenant: all of them
    assert "2–3层" not in text  # four homes
