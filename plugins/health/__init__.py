"""Device health: what is measured, what failed, what to do."""

from plugins.health.plugin import HealthPlugin

__all__ = ["HealthPlugin"]
