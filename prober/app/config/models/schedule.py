"""When a target is probed."""

from typing import Annotated, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from prober.app.config.cron import check_cron
from prober.app.config.models.base import Model, refusal
from prober.app.config.models.fields import PositiveSeconds, Seconds
from prober.app.config.spelling import nearest


def _cron(expression: str) -> str:
    try:
        check_cron(expression)
    except ValueError as error:
        problem = str(error)
    else:
        return expression
    raise refusal(problem, mend='write "minute hour day month weekday", for example "*/10 7-18 * * mon-fri"')


def _timezone(name: str) -> str:
    if name == "UTC":  # known without a time zone database, which slim images lack
        return name
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, no such form, a folder of the database
        close = nearest(name, among=available_timezones())
    else:
        return name
    raise refusal("is no time zone of this machine", mend=f"write {close}" if close else "write it like Europe/Berlin")


class ScheduleModel(Model):
    """Either a fixed interval or a cron expression."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": ["every"]}, {"required": ["cron"]}]})

    every: PositiveSeconds | None = Field(default=None, examples=["5m"])
    """The interval between two runs; must be longer than all budgets together."""
    cron: Annotated[str, AfterValidator(_cron)] | None = Field(default=None, examples=["*/10 7-18 * * mon-fri"])
    """Five fields as in crontab."""
    timezone: Annotated[str, AfterValidator(_timezone)] = Field(default="UTC", examples=["Europe/Berlin"])
    """The time zone in which the cron expression is meant."""
    jitter: Seconds = 0.0
    """Each run begins up to this much later, by chance; must be shorter than half the interval."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = self.model_fields_set & {"every", "cron"}
        if not kinds:
            raise refusal("has neither every nor cron", mend="add one, for example `every: 5m`")
        if len(kinds) > 1:
            raise refusal("has both every and cron", mend="keep one of them")
        return self
