"""What all sections of the settings are made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Seconds = Annotated[float, Field(gt=0, le=31_536_000)]
"""A year at most: what means "for ever" is none that an event loop could wait."""

Rate = Annotated[float, Field(gt=0, le=100_000)]


class Section(BaseModel):
    """Settings that belong together; their values are kept out of every error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
