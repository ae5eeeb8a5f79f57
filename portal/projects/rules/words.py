"""The words of the plan that tables and rules share."""

from enum import StrEnum


class CollectionMode(StrEnum):
    """How residents pay their part (DOMAIN §3.1)."""

    DEPOSIT_THEN_CONTRIBUTION = "deposit_then_contribution"
    ONE_SHOT = "one_shot"


class FundSource(StrEnum):
    """Where the money comes from; a plan keeps them apart so that subsidies do not overlap."""

    CENTRAL = "central"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    RESIDENTS = "residents"
    OWNER_UNIT = "owner_unit"
    PIPELINE = "pipeline"


FUND_SOURCE_NAMES: dict[str, str] = {
    FundSource.CENTRAL: "中央补助",
    FundSource.PROVINCE: "省级补助",
    FundSource.CITY: "市级财政",
    FundSource.COUNTY: "县（市、区）财政",
    FundSource.RESIDENTS: "居民出资",
    FundSource.OWNER_UNIT: "产权单位出资",
    FundSource.PIPELINE: "管线单位出资",
}


class FundsMove(StrEnum):
    """What a line of the funds book says: money reached the project, or was paid out for works."""

    RECEIVED = "received"
    SPENT = "spent"


class Stage(StrEnum):
    """Where an estate of the plan stands, as the public reads it."""

    PLANNED = "planned"
    STARTED = "started"
    COMPLETED = "completed"


STAGE_NAMES: dict[str, str] = {Stage.PLANNED: "未开工", Stage.STARTED: "已开工", Stage.COMPLETED: "已完工"}
