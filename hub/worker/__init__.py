"""What runs inside a worker process; see `hub.workers` for the side that starts it."""
