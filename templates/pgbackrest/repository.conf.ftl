[global]
repo1-path=/var/lib/pgbackrest
repo1-cipher-type=aes-256-cbc
repo1-bundle=y
repo1-block=y
# The script pgbackrest-backup decides what expires. 9999999 is the largest number, and means that nothing does.
repo1-retention-full=9999999
expire-auto=n
tls-server-address=${node.address}
tls-server-port=${cluster.backup.port}
tls-server-ca-file=/etc/ninefold/tls/pgbackrest/ca.crt
tls-server-cert-file=/etc/ninefold/tls/pgbackrest/node.crt
tls-server-key-file=/etc/ninefold/tls/pgbackrest/node.key
<#list postgresNodes as postgresNode>
tls-server-auth=${postgresNode.name}.pgbackrest=${stanzas}
</#list>
lock-path=/run/pgbackrest
log-path=/var/log/pgbackrest
# A machine that loses power during an archive-push keeps the archive's lock on the repository until keepalive finds its
# connection dead, after 30 s.
tcp-keep-alive-idle=10
tcp-keep-alive-interval=5
tcp-keep-alive-count=4
log-level-console=warn
log-level-file=info
start-fast=y
process-max=${processes}
compress-type=zst
archive-timeout=60
io-timeout=60

[${cluster.stanza}]
<#list postgresNodes as postgresNode>
pg${postgresNode?counter}-host=${postgresNode.address}
pg${postgresNode?counter}-host-type=tls
pg${postgresNode?counter}-host-port=${cluster.backup.port}
pg${postgresNode?counter}-host-ca-file=/etc/ninefold/tls/pgbackrest/ca.crt
pg${postgresNode?counter}-host-cert-file=/etc/ninefold/tls/pgbackrest/node.crt
pg${postgresNode?counter}-host-key-file=/etc/ninefold/tls/pgbackrest/node.key
pg${postgresNode?counter}-path=${dataDirectory}
pg${postgresNode?counter}-port=${cluster.postgresql.port}
pg${postgresNode?counter}-socket-path=/run/postgresql
pg${postgresNode?counter}-user=backup
</#list>
