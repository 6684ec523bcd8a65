[global]
repo1-host=${repository.address}
repo1-host-type=tls
repo1-host-port=${cluster.backup.port}
repo1-host-user=pgbackrest
repo1-host-ca-file=/etc/ninefold/tls/pgbackrest/ca.crt
repo1-host-cert-file=/etc/ninefold/tls/pgbackrest/node.crt
repo1-host-key-file=/etc/ninefold/tls/pgbackrest/node.key
tls-server-address=${node.address}
tls-server-port=${cluster.backup.port}
tls-server-ca-file=/etc/ninefold/tls/pgbackrest-server/ca.crt
tls-server-cert-file=/etc/ninefold/tls/pgbackrest-server/node.crt
tls-server-key-file=/etc/ninefold/tls/pgbackrest-server/node.key
tls-server-auth=${repository.name}.pgbackrest=${cluster.stanza}
# A machine that loses power during an archive-push keeps the archive's lock on the repository until keepalive finds its
# connection dead, after 30 s.
tcp-keep-alive-idle=10
tcp-keep-alive-interval=5
tcp-keep-alive-count=4
log-level-console=warn
log-level-file=off
process-max=${processes}
compress-type=zst
archive-timeout=60
io-timeout=60
# A process of its own pushes and fetches several segments at a time.
archive-async=y
spool-path=/var/spool/pgbackrest
<#if dropsWal>
# If the repository is away for long, waiting WAL must not fill the leader's disk. The step fills in the limit.
archive-push-queue-max=@ARCHIVE_QUEUE@MiB
</#if>

[global:archive-push]
process-max=${archiveProcesses}
# In the default folder below /tmp, another user could take the lock.
lock-path=/run/postgresql/pgbackrest

[global:archive-get]
process-max=${archiveProcesses}
lock-path=/run/postgresql/pgbackrest

[${cluster.stanza}]
pg1-path=${dataDirectory}
pg1-port=${cluster.postgresql.port}
pg1-socket-path=/run/postgresql
pg1-user=backup
