# The file with the password of the statistics page is apart from the rest.
[Unit]
StartLimitIntervalSec=0

[Service]
Environment="CONFIG=/etc/haproxy/haproxy.cfg" "EXTRAOPTS=-f /etc/haproxy/operators.cfg -S /run/haproxy-master.sock"
ExecStartPre=rm -f /run/haproxy-servers
Restart=always
RestartSec=200ms
LimitNOFILE=${fileLimit}
# What it tells of clients and servers has no gaps; why it is a number, the unit of Patroni says.
LogRateLimitIntervalSec=1s
LogRateLimitBurst=100000000
# It starts as root, and its workers run as haproxy, in an empty folder.
SystemCallFilter=chroot
ProtectSystem=strict
ReadWritePaths=/run
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_KILL CAP_NET_BIND_SERVICE CAP_SETGID CAP_SETUID CAP_SYS_CHROOT CAP_SYS_RESOURCE
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
