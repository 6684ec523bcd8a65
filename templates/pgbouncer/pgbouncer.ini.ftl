[databases]
<#list cluster.databases as database>
${database.name} = host=${node.address} port=${cluster.postgresql.port} pool_mode=${database.effectiveMode(cluster.pooling).word()} pool_size=${database.effectivePoolSize(cluster.pooling)} max_db_client_connections=${cluster.maxClients(database)}
</#list>
# Where verifiers are looked up; PostgreSQL lets no application in here.
postgres = host=${node.address} port=${cluster.postgresql.port} pool_size=2
# Where a write and a read prove a client's way.
ninefold = host=${node.address} port=${cluster.postgresql.port} pool_size=2 pool_mode=transaction

[pgbouncer]
listen_addr = ${node.address},127.0.0.1
listen_port = ${cluster.pooling.port}
# After a failover all clients come back at once; the kernel's own limit is as high.
listen_backlog = 4096
unix_socket_dir = /run/pgbouncer
pidfile = /run/pgbouncer/pgbouncer.pid
# The journal has it already.
logfile =
log_connections = 1
# Whoever asks whether it answers would stand here each second.
log_disconnections = 0
log_stats = 0

# Users by query: the described ones, with the verifiers that the step databases has set.
auth_type = scram-sha-256
auth_user = pgbouncer
auth_dbname = postgres
auth_query = SELECT name, verifier FROM pgbouncer.verifier($1)

pool_mode = ${cluster.pooling.mode.word()}
max_client_conn = ${cluster.pooling.maxClients}
default_pool_size = ${cluster.pooling.poolSize}
max_prepared_statements = ${cluster.pooling.preparedStatements}
server_reset_query = DISCARD ALL
# With `options` among these PgBouncer would drop a client's search_path or statement_timeout without a word.
ignore_startup_parameters = extra_float_digits
application_name_add_host = 1

client_tls_sslmode = require
client_tls_protocols = secure
client_tls_ciphers = ECDHE+AESGCM:ECDHE+CHACHA20
client_tls_ca_file = /etc/ninefold/tls/pool/ca.crt
client_tls_cert_file = /etc/ninefold/tls/pool/node.crt
client_tls_key_file = /etc/ninefold/tls/pool/node.key
server_tls_sslmode = verify-full
server_tls_protocols = secure
server_tls_ca_file = /etc/ninefold/tls/pgbouncer/ca.crt
# By this PostgreSQL knows the user pgbouncer, who has no password.
server_tls_cert_file = /etc/ninefold/tls/pgbouncer/node.crt
server_tls_key_file = /etc/ninefold/tls/pgbouncer/node.key

# A failed login holds every client off for server_login_retry (15 s unless set): as long again as
# the restart it waits for.
server_login_retry = ${timings.serverLoginRetry.seconds}
server_connect_timeout = 5
server_check_delay = 10
query_wait_timeout = 60
# Until it has logged in, whoever connects counts as a client, with no password.
client_login_timeout = 15
# Sessions through a balancer that lost its power hold server connections until they are found dead:
# in 11 s.
tcp_keepalive = 1
tcp_keepidle = 5
tcp_keepintvl = 2
tcp_keepcnt = 3
# The kernel's own count (net.ipv4.tcp_retries2) finds those to which something waits to be sent. A user timeout
# would also cut a client that lives and reads slowly.
tcp_user_timeout = 0
