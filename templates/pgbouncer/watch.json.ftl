{
  "address": "${node.address}",
  "port": ${cluster.pooling.port},
  "pidFile": "/run/pgbouncer/pgbouncer.pid",
  "events": "/run/postgresql",
  "handOver": "/run/pgbouncer-hand-over",
  "interval": 1,
  "answerWithin": ${answerWithin.toMillis() / 1000},
  "missed": 3,
  "handoverAfter": ${cluster.pooling.handoverAfter.seconds},
  "patroni": "https://${node.address}:${cluster.postgresql.patroniPort}",
  "member": "${node.name}",
  "others": [
<#list others as other>
    {"name": "${other.name}", "address": "${other.address}", "port": ${cluster.pooling.port}}<#sep>,</#sep>
</#list>
  ]
}
