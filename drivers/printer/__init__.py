"""3D printers."""
