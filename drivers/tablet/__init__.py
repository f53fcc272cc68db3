"""Graphics tablets: pens that know pressure and tilt."""
