[Unit]
Description=Looks for gaps in the WAL archive of ${cluster.stanza} since its newest backup
RequiresMountsFor=/var/lib/pgbackrest
# It fails if there is a gap.
OnFailure=pgbackrest-backup@diff.service

[Service]
Type=oneshot
User=pgbackrest
Group=pgbackrest
Nice=10
IOSchedulingClass=idle
ExecStart=/usr/local/lib/ninefold/pgbackrest-gaps ${cluster.stanza}
RuntimeDirectory=pgbackrest-gaps
RuntimeDirectoryPreserve=yes
ProtectSystem=strict
ReadOnlyPaths=/var/lib/pgbackrest
PrivateTmp=yes
PrivateDevices=yes
PrivateNetwork=yes
ProtectClock=yes
MemoryDenyWriteExecute=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_UNIX
