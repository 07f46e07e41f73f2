"""Every setting and its default; YAML files and the environment only override."""

from meeting_app.config.overrides import (
    ENVIRONMENT_PREFIX,
    SHORT_NAMES,
    describe_settings,
    load_config,
    override,
)
from meeting_app.config.sections import (
    AsrConfig,
    AttributionConfig,
    ChaptersConfig,
    Config,
    DeviceConfig,
    DiarizationConfig,
    JobsConfig,
    LiveConfig,
    MinutesConfig,
    OnlineDiarizationConfig,
    ServerConfig,
    StorageConfig,
    VadConfig,
    VoicesConfig,
    WeightsConfig,
)

__all__ = [
    "ENVIRONMENT_PREFIX",
    "SHORT_NAMES",
    "AsrConfig",
    "AttributionConfig",
    "ChaptersConfig",
    "Config",
    "DeviceConfig",
    "DiarizationConfig",
    "JobsConfig",
    "LiveConfig",
    "MinutesConfig",
    "OnlineDiarizationConfig",
    "ServerConfig",
    "StorageConfig",
    "VadConfig",
    "VoicesConfig",
    "WeightsConfig",
    "describe_settings",
    "load_config",
    "override",
]
