[Unit]
Description=Looks for gaps in the WAL archive of ${cluster.stanza} since its newest backup
RequiresMountsFor=/var/lib/pgbackrest

[Service]
Type=oneshot
User=pgbackrest
Group=pgbackrest
Nice=10
IOSchedulingClass=idle
ExecStart=/usr/local/lib/ninefold/pgbackrest-gaps ${cluster.stanza}
# There is a gap. This command is root's, because the repository's user may start no unit.
SuccessExitStatus=3
ExecStopPost=+/usr/bin/bash -c '[[ $$EXIT_STATUS != 3 ]] || systemctl start --no-block pgbackrest-backup@diff.service'
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
