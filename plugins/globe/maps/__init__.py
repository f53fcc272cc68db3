"""Globe maps: which code of a globe is which place."""
