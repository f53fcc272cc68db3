"""Filament and time: who has used how much, of which spool, and how much a class may."""
