"""The base of every section of the configuration, and the error that names a wrong key."""

from pydantic import BaseModel, ConfigDict


class BadSettings(Exception):
    """Name the key, what is wrong with it and what is allowed."""


class Section(BaseModel):
    """A section of the configuration. Unknown keys are refused; values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)
