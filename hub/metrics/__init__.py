"""What the hub counts, for Prometheus and its like (OpenMetrics); see docs/metrics.md."""

from hub.metrics._page import PATH, MetricsPage

__all__ = ["PATH", "MetricsPage"]
