"""MQTT: the hub's state for everyone who may read it, and commands from those who may give them."""

from hub.mqtt._service import Mqtt, MqttState
from hub.mqtt.settings import MqttSettings

__all__ = ["Mqtt", "MqttSettings", "MqttState"]
