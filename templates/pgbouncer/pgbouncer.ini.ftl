[databases]
<#list cluster.databases as database>
${database.name} = host=${node.address} port=${cluster.postgresql.port} pool_mode=${database.effectiveMode(cluster.pooling).word()} pool_size=${database.effectivePoolSize(cluster.pooling)} max_db_client_connections=${cluster.maxClients(database)}
</#list>
# For auth_query. PostgreSQL's pg_hba allows no application to log in here.
postgres = host=${node.address} port=${cluster.postgresql.port} pool_size=2
# For the test write and read of `status`.
ninefold = host=${node.address} port=${cluster.postgresql.port} pool_size=2 pool_mode=transaction

[pgbouncer]
listen_addr = ${node.address},127.0.0.1
listen_port = ${cluster.pooling.port}
# After a failover, all clients reconnect at once. The kernel's own limit is the same.
listen_backlog = 4096
unix_socket_dir = /run/pgbouncer
pidfile = /run/pgbouncer/pgbouncer.pid
# The journal has the log already.
logfile =
log_connections = 1
# Otherwise each health check would log a line every second.
log_disconnections = 0
log_stats = 0

# auth_query returns the users of the description, with the verifiers that the step `databases` has set.
auth_type = scram-sha-256
auth_user = pgbouncer
auth_dbname = postgres
auth_query = SELECT name, verifier FROM pgbouncer.verifier($1)

pool_mode = ${cluster.pooling.mode.word()}
max_client_conn = ${cluster.pooling.maxClients}
default_pool_size = ${cluster.pooling.poolSize}
max_prepared_statements = ${cluster.pooling.preparedStatements}
server_reset_query = DISCARD ALL
# With `options` in this list, PgBouncer would silently ignore a client's search_path or statement_timeout.
ignore_startup_parameters = extra_float_digits
application_name_add_host = 1

client_tls_sslmode = require
client_tls_protocols = secure
client_tls_ciphers = ${tlsCiphers}
client_tls_ca_file = /etc/ninefold/tls/pool/ca.crt
client_tls_cert_file = /etc/ninefold/tls/pool/node.crt
client_tls_key_file = /etc/ninefold/tls/pool/node.key
server_tls_sslmode = verify-full
server_tls_protocols = secure
server_tls_ca_file = /etc/ninefold/tls/pgbouncer/ca.crt
# PostgreSQL identifies the user pgbouncer, which has no password, by this certificate.
server_tls_cert_file = /etc/ninefold/tls/pgbouncer/node.crt
server_tls_key_file = /etc/ninefold/tls/pgbouncer/node.key

# After a failed login to PostgreSQL, all clients wait this long. The default of 15 s would double the outage of a restart.
server_login_retry = ${timings.serverLoginRetry.seconds}
server_connect_timeout = 5
server_check_delay = 10
query_wait_timeout = 60
# Connections count as clients even before they have logged in, so they must not stay long.
client_login_timeout = 15
# Sessions through a balancer that lost power keep their server connections until keepalive finds them dead, after 11 s.
tcp_keepalive = 1
tcp_keepidle = 5
tcp_keepintvl = 2
tcp_keepcnt = 3
# The kernel (net.ipv4.tcp_retries2) finds dead connections with unsent data. A user timeout would also close those of
# clients that read slowly.
tcp_user_timeout = 0
