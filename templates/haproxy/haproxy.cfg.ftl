global
  log stdout format raw local0 info
  user haproxy
  group haproxy
  chroot /var/lib/haproxy
  # More than the sum of all frontends' limits, so that health checks work even if all client ports are full.
  maxconn ${limits.total}
  stats socket /run/haproxy/admin.sock mode 660 level admin
  server-state-file /run/haproxy-servers
  ssl-default-bind-options ssl-min-ver TLSv1.2
  ssl-default-bind-ciphers ${tlsCiphers}
  ssl-default-server-options ssl-min-ver TLSv1.2
  # After a reload, the old process keeps its sessions for this long.
  hard-stop-after ${cluster.balancing.drainTimeout.toHours()}h

defaults
  log global
  mode tcp
  option dontlognull
  option tcpka
  # After a reload, the old process keeps its sessions but no longer checks servers: only TCP keepalive shows it then
  # that a server's machine is down.
  srvtcpka-idle 5s
  srvtcpka-intvl 2s
  srvtcpka-cnt 3
  option redispatch
  # haproxy-reload writes the file. After a start there is none.
  load-server-state-from-file global
  retries 3
  timeout connect 3s
  timeout check ${healthCheck.timeout.toMillis()}ms
  timeout client ${cluster.balancing.idleTimeout.toMinutes()}m
  timeout server ${cluster.balancing.idleTimeout.toMinutes()}m
  timeout http-request 10s
  # A server is up only if Patroni reports the role and PgBouncer answers, because a client needs both. When a server
  # goes down, its sessions are closed: pools such as HikariCP would keep a connection that has become read-only.
  default-server check inter ${healthCheck.interval.toMillis()}ms fastinter ${healthCheck.fastInterval.toMillis()}ms downinter ${healthCheck.downInterval.toMillis()}ms
  default-server fall ${healthCheck.fall} rise ${healthCheck.rise} on-marked-down shutdown-sessions
  default-server ca-file /etc/ninefold/tls/haproxy/ca.crt crt /etc/ninefold/tls/haproxy/node.pem verify required

<#macro servers role nodes>
  option tcp-check
  tcp-check connect port ${cluster.postgresql.patroniPort} ssl
  tcp-check send "OPTIONS /${role} HTTP/1.0\r\n\r\n"
  tcp-check expect rstring "^HTTP/1\.[01] 200"
  tcp-check connect port ${cluster.pooling.port}
  # PostgreSQL's GSSENCRequest: its length, 8, and its code, 80877104. PgBouncer declines it with the letter N (4e).
  tcp-check send-binary 0000000804d21630
  tcp-check expect binary 4e
<#list nodes as node>
  server ${node.name} ${node.address}:${cluster.pooling.port} verifyhost patroni.${node.name}
</#list>
</#macro>
<#macro clients port perAddress>
  bind :${port}
  maxconn ${limits.perPort}
  # Logs each session when it begins: the client, and the address and port that PgBouncer sees.
  option logasap
  log-format "%ci:%cp opened a session to %b/%s, which sees it from %bi:%bp"
  # One client address can't use up the port's limit.
  stick-table type ip size 100k expire 1m store conn_cur
  tcp-request connection reject if { src_conn_cur ge ${perAddress} }
  tcp-request connection track-sc0 src
  # A client of PostgreSQL sends first. A connection that sends nothing is closed after this time, and does not reach
  # PgBouncer.
  tcp-request inspect-delay ${silenceLimit}s
  tcp-request content accept if { req.len gt 0 }
  tcp-request content reject
</#macro>
frontend read-write
<@clients port=cluster.balancing.readWritePort perAddress=limits.writersPerAddress/>
  default_backend leader

frontend read-only
<@clients port=cluster.balancing.readOnlyPort perAddress=limits.readersPerAddress/>
  use_backend replicas if { nbsrv(replicas) gt 0 }
  default_backend leader

backend leader
<@servers role="primary" nodes=postgresNodes/>

backend replicas
  balance leastconn
<@servers role="replica?lag=${cluster.balancing.maximumLag.bytes}" nodes=postgresNodes/>

# For Keepalived on this machine: / answers 200 if this process runs, /leader if it reaches the leader.
frontend alive
  bind 127.0.0.1:${alivePort}
  maxconn ${limits.alive}
  mode http
  no log
  monitor-uri /
  http-request return status 200 if { path /leader } { nbsrv(leader) gt 0 }
  http-request return status 503

frontend statistics
  bind :${cluster.balancing.statisticsPort} ssl crt /etc/ninefold/tls/statistics/node.pem
  maxconn ${limits.statistics}
  mode http
  no log
  timeout client 30s
  acl known http_auth(operators)
  http-request auth realm Ninefold unless known
  http-request use-service prometheus-exporter if { path /metrics }
  stats enable
  stats uri /
  stats refresh 10s
