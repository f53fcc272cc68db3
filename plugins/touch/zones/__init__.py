"""Zones of a touch table: who works where on it."""
