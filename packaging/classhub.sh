#!/bin/sh
# The hub's command, as the hub's own user: what root would write into its data it could not use.
program=/opt/classhub/current/bin/classhub
[ "$(id -u)" = 0 ] || exec "$program" "$@"
# A restore lets the data directory and another beside it change places; owners are kept.
[ "${1:-}" != restore ] || exec "$program" "$@"
exec runuser -u classhub -- "$program" "$@"
