[Unit]
Description=pgBackRest backup (%i) of ${cluster.stanza}
Wants=network-online.target
After=network-online.target pgbackrest.service
RequiresMountsFor=/var/lib/pgbackrest

[Service]
Type=oneshot
User=pgbackrest
Group=pgbackrest
Nice=10
IOSchedulingClass=idle
# After an outage both kinds are due at once, and pgBackRest refuses the second: it waits for its turn.
ExecStart=/usr/bin/flock /var/lib/pgbackrest /usr/local/lib/ninefold/pgbackrest-backup %i
# A failover ends a backup. It is tried until one succeeds; until then its result tells that it failed.
Restart=on-failure
RestartSec=15min
ProtectSystem=full
PrivateDevices=yes
ProtectClock=yes
MemoryDenyWriteExecute=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
