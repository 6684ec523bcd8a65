[Unit]
Description=pgBackRest backup (%i) of ${cluster.stanza}
Wants=network-online.target
After=network-online.target pgbackrest.service

[Service]
Type=oneshot
User=pgbackrest
Group=pgbackrest
Nice=10
IOSchedulingClass=idle
ExecStart=/usr/bin/pgbackrest --stanza=${cluster.stanza} --type=%i backup
ProtectSystem=full
PrivateDevices=yes
ProtectClock=yes
MemoryDenyWriteExecute=yes
CapabilityBoundingSet=
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
