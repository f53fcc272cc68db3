"""Smart globes: pens that say which place of a globe they touch."""
