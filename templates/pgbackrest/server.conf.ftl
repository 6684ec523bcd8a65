# Debian's unit waits three seconds at each start, and runs as postgres on every machine.
[Unit]
# A disk that fails to mount must not be taken for an empty repository, or for data that is lost.
RequiresMountsFor=${data}

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
