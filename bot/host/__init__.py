"""Tools for the host: doctor, invite, heartbeat, logs."""
