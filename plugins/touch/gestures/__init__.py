"""Gestures of the fingers in one zone."""
