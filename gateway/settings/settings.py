"""All sections, and which source of values wins."""

from __future__ import annotations

import os

from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from gateway.settings.access import Access
from gateway.settings.answers import Answers
from gateway.settings.lanes import Lanes
from gateway.settings.limits import Documents, Limits
from gateway.settings.live import Live
from gateway.settings.providers import Http, Ims, Visionular, Vod
from gateway.settings.push import Push
from gateway.settings.server import Server
from gateway.settings.telemetry import Telemetry

PREFIX = "GATEWAY_"
FILE = "GATEWAY_CONFIG"


class Settings(BaseSettings):
    """Everything."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_ignore_empty=True,
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
    )

    server: Server = Server()
    access: Access = Access()
    limits: Limits = Limits()
    answers: Answers = Answers()
    documents: Documents = Documents()
    http: Http = Http()
    lanes: Lanes = Lanes()
    live: Live = Live()
    vod: Vod = Vod()
    ims: Ims = Ims()
    visionular: Visionular = Visionular()
    push: Push = Push()
    telemetry: Telemetry = Telemetry()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment win over the file, and nothing else have a say."""
        return (EnvSettingsSource(settings_cls), TomlConfigSettingsSource(settings_cls, os.environ.get(FILE)))

    @property
    def configured(self) -> bool:
        """Whether any provider is."""
        return any(one.configured or one.sources for one in (self.vod, self.ims, self.visionular))
