"""Alerts: what is wrong, told once for each cause, to whoever looks after it."""

from plugins.health.alerts.service import Alerts
from plugins.health.alerts.settings import AlertSettings

__all__ = ["AlertSettings", "Alerts"]
