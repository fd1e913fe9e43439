"""The settings that belong to no pipeline alone: their keys have no prefix."""

from components.settings.alarms import AlarmSettings
from components.settings.data import DataSettings
from components.settings.functions import FunctionSettings
from components.settings.network import NetworkSettings
from components.settings.pipelines import PipelinesSettings


# The fields of the last base come first.
class SharedSettings(FunctionSettings, AlarmSettings, NetworkSettings, DataSettings, PipelinesSettings):
    """What every pipeline of a stack shares: the choice of pipelines, data, network, alarms and functions."""
