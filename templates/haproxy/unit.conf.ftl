# The file with the password of the statistics page is apart from the rest.
[Unit]
StartLimitIntervalSec=0

[Service]
Environment="CONFIG=/etc/haproxy/haproxy.cfg" "EXTRAOPTS=-f /etc/haproxy/operators.cfg -S /run/haproxy-master.sock"
ExecStartPre=rm -f /run/haproxy-servers
Restart=always
RestartSec=200ms
# A line a session: none may be missing when somebody asks who it was.
LogRateLimitIntervalSec=0
LimitNOFILE=${files}
# It starts as root, and its workers run as haproxy, in an empty folder.
SystemCallFilter=chroot
ProtectSystem=strict
ReadWritePaths=/run
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_KILL CAP_NET_BIND_SERVICE CAP_SETGID CAP_SETUID CAP_SYS_CHROOT CAP_SYS_RESOURCE
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
