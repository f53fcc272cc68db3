"""Microscopes: live view, captures with their scale, and what a class makes of them."""
