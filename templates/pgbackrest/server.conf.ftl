# Debian's unit waits three seconds at each start, and runs as postgres on every machine.
[Service]
User=${user}
Group=${user}
ExecStartPost=
RuntimeDirectory=pgbackrest
RuntimeDirectoryPreserve=yes
