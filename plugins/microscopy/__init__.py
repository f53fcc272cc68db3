"""Microscopy: keeps what the class sees under the microscope."""

from plugins.microscopy.plugin import MicroscopyPlugin

__all__ = ["MicroscopyPlugin"]
