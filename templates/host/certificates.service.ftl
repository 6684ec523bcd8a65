[Unit]
Description=Logs which certificates of this machine end soon

[Service]
Type=oneshot
ExecStart=/usr/local/lib/ninefold/certificate-days ${days?c}
Nice=10
