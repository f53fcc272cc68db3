"""3D printing: from a pupil's model to a finished part."""
