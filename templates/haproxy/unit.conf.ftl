# The file with the password of the statistics page is apart from the rest.
[Unit]
StartLimitIntervalSec=0

[Service]
Environment="CONFIG=/etc/haproxy/haproxy.cfg" "EXTRAOPTS=-f /etc/haproxy/operators.cfg -S /run/haproxy-master.sock"
Restart=always
RestartSec=200ms
LimitNOFILE=${files}
