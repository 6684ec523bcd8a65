# Debian's unit waits three seconds at each start, and runs as postgres on every machine.
[Service]
User=${user}
Group=${user}
ExecStartPost=
RuntimeDirectory=pgbackrest
RuntimeDirectoryPreserve=yes
ProtectSystem=full
PrivateDevices=yes
ProtectClock=yes
MemoryDenyWriteExecute=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
