scope: ${cluster.name}
namespace: ${cluster.postgresql.namespace}
name: ${node.name}

etcd3:
  hosts:
<#list etcdNodes as etcdNode>
    - ${etcdNode.address}:${cluster.etcd.clientPort}
</#list>
  protocol: https
  cacert: /etc/ninefold/tls/etcd-client/ca.crt
  cert: /etc/ninefold/tls/etcd-client/node.crt
  key: /etc/ninefold/tls/etcd-client/node.key

restapi:
  listen: ${node.address}:${cluster.postgresql.patroniPort}
  connect_address: ${node.address}:${cluster.postgresql.patroniPort}
  cafile: ${restApiCaFile}
  certfile: /etc/ninefold/tls/patroni/node.crt
  keyfile: /etc/ninefold/tls/patroni/node.key
  ciphers: ${tlsCiphers}
  # Every client needs a certificate of the cluster's CA.
  verify_client: required
  # Only database nodes may change something, with the password in 15-authentication.yml.
  allowlist:
<#list postgresNodes as postgresNode>
    - ${postgresNode.address}
</#list>

ctl:
  cacert: /etc/ninefold/tls/patroni/ca.crt
  certfile: /etc/ninefold/tls/patroni/node.crt
  keyfile: /etc/ninefold/tls/patroni/node.key

postgresql:
  listen: ${node.address}:${cluster.postgresql.port}
  connect_address: ${node.address}:${cluster.postgresql.port}
  data_dir: ${dataDirectory}
  bin_dir: /usr/lib/postgresql/${cluster.postgresql.version}/bin
  pgpass: /run/postgresql/patroni.pgpass
  # The superuser can log in on this machine only, by peer. Patroni reads its own timeline through the socket too.
  use_unix_socket: true
  use_unix_socket_repl: true
  authentication:
    superuser:
      username: postgres
    replication:
      username: replicator
      sslmode: verify-full
      sslrootcert: /etc/ninefold/tls/postgresql/ca.crt
      sslcert: /etc/ninefold/tls/postgresql/node.crt
      sslkey: /etc/ninefold/tls/postgresql/node.key
    rewind:
      username: rewind
      sslmode: verify-full
      sslrootcert: /etc/ninefold/tls/postgresql/ca.crt
      sslcert: /etc/ninefold/tls/postgresql/node.crt
      sslkey: /etc/ninefold/tls/postgresql/node.key
  parameters:
    unix_socket_directories: /run/postgresql
    ssl: "on"
    ssl_ca_file: /etc/ninefold/tls/postgresql/ca.crt
    ssl_cert_file: /etc/ninefold/tls/postgresql/node.crt
    ssl_key_file: /etc/ninefold/tls/postgresql/node.key
    ssl_min_protocol_version: TLSv1.2
    ssl_ciphers: ${tlsCiphers}
  pg_hba:
    - local all postgres peer
    - local replication replicator peer map=local
    - local postgres backup,monitor peer map=local
    # The owner logs in as itself: a superuser in its database would run functions that the application has created.
<#list cluster.databases as database>
    - local ${database.name} ${database.owner} peer map=local
</#list>
    # The cluster's own users have no passwords: each uses the certificate of its service, from that service's machine.
<#list postgresNodes as postgresNode>
    - hostssl replication replicator ${postgresNode.address}/32 cert map=${postgresNode.name}
    - hostssl postgres rewind ${postgresNode.address}/32 cert map=${postgresNode.name}
</#list>
    # PgBouncer, from this machine: its auth_query, the test user, then the applications' users.
    - hostssl postgres pgbouncer ${node.address}/32 cert map=${node.name}
    - hostssl ninefold probe ${node.address}/32 scram-sha-256
<#list cluster.databases as database>
    - hostssl ${database.name} ${database.owner} ${node.address}/32 scram-sha-256
</#list>
  callbacks:
    on_role_change: /usr/local/lib/ninefold/role-changed
  pg_ident:
    - local postgres replicator
    - local postgres backup
    - local pgbackrest backup
    - local postgres monitor
    - local prometheus monitor
<#list cluster.databases as database>
    - local postgres ${database.owner}
</#list>
<#list postgresNodes as postgresNode>
    - ${postgresNode.name} ${postgresNode.name}.postgresql replicator
    - ${postgresNode.name} ${postgresNode.name}.postgresql rewind
</#list>
    - ${node.name} ${node.name}.pgbouncer pgbouncer
  # Cloning from a backup does not load the leader. Without a backup, or if that fails, Patroni copies the leader.
  create_replica_methods:
    - pgbackrest
    - basebackup
  pgbackrest:
    command: /usr/local/lib/ninefold/clone-from-backup
    keep_data: true
    no_params: true
  basebackup:
    - checkpoint: fast
  recovery_conf:
    # During a promotion, PostgreSQL asks the archive five times for more WAL. If the repository is down, pgBackRest
    # would need two minutes for each; server-ping finds out sooner. It is not needed for a segment that was fetched ahead.
    restore_command: "{ test -e /var/spool/pgbackrest/archive/${cluster.stanza}/in/%f || timeout ${repositoryPingTimeout.seconds} pgbackrest server-ping ${repository.address}; } && pgbackrest --stanza=${cluster.stanza} archive-get %f \"%p\""
  # With `true`, Patroni removes the data of a former leader that pg_rewind cannot rewind, and clones the new leader.
  remove_data_directory_on_rewind_failure: ${cluster.postgresql.divergedData.removed(cluster.durability)?c}
  remove_data_directory_on_diverged_timelines: ${cluster.postgresql.divergedData.removed(cluster.durability)?c}

watchdog:
  mode: ${(cluster.postgresql.watchdog.word() == "off")?then("'off'", cluster.postgresql.watchdog.word())}
  device: /dev/watchdog
  safety_margin: 5

tags:
<#-- nofailover and failover_priority: 0 have the same meaning, and Patroni refuses both at once. -->
<#if node.tags.nofailover>
  nofailover: true
<#else>
  failover_priority: ${node.tags.failoverPriority}
</#if>
  noloadbalance: ${node.tags.noloadbalance}
  nosync: ${node.tags.nosync}
  clonefrom: ${node.tags.clonefrom}
