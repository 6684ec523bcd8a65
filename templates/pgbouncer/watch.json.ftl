{
  "address": "${node.address}",
  "port": ${cluster.pooling.port},
  "pidFile": "/run/pgbouncer/pgbouncer.pid",
  "events": "/run/postgresql",
  "interval": 1,
  "answerWithin": 2,
  "killAfter": 2,
  "handoverAfter": ${cluster.pooling.handoverAfter},
  "patroni": "https://${node.address}:${cluster.postgresql.restPort}",
  "member": "${node.name}"
}
