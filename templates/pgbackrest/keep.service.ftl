[Unit]
Description=Keeps what pgBackRest deletes or replaces in its repository
RequiresMountsFor=/var/lib/pgbackrest

[Service]
Type=oneshot
Nice=10
IOSchedulingClass=idle
ExecStart=/usr/local/lib/ninefold/pgbackrest-keep ${days?c}
ProtectSystem=strict
ReadWritePaths=/var/lib/pgbackrest
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
MemoryDenyWriteExecute=yes
CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER
RestrictAddressFamilies=AF_UNIX
