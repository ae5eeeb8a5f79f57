"""The numbers money goes back under."""

from payments.rules.refund import Reason, number


def test_a_second_payment_goes_back_under_one_number_and_parts_are_counted() -> None:
    assert {number("SG1", Reason.SECOND_PAYMENT, part=part) for part in (1, 2, 3)} == {"SG1R1"}
    assert [number("SG1", Reason.DEPOSIT, part=part) for part in (1, 2, 3)] == ["SG1R2", "SG1R3", "SG1R4"]
    assert number("SG1", Reason.CONTRIBUTION, part=2) == "SG1R3"
