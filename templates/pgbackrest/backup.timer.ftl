[Unit]
Description=When a ${type} backup of ${cluster.stanza} is taken

[Timer]
Unit=pgbackrest-backup@${type}.service
OnCalendar=${when}
Persistent=true

[Install]
WantedBy=timers.target
