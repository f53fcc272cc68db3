"""The check of a pupil's model, in worker processes only: NumPy and SciPy never enter the hub's.

`work` holds what the hub runs there. What comes back is plain JSON whose shape `verdict` declares;
`verdict`, `words` and `errors` load nothing heavy, so that the hub's process may import them.
"""
