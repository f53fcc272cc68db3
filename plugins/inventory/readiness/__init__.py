"""Forms for the district: whether a school is ready, and how a digital lesson was."""

from plugins.inventory.readiness.forms import Form, FormName, Row, form_of, meets
from plugins.inventory.readiness.measuring import Measuring
from plugins.inventory.readiness.reports import Measured, Report, ReportFields, Reports

__all__ = [
    "Form",
    "FormName",
    "Measured",
    "Measuring",
    "Report",
    "ReportFields",
    "Reports",
    "Row",
    "form_of",
    "meets",
]
