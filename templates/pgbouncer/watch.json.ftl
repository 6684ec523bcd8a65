{
  "address": "${node.address}",
  "port": ${cluster.pooling.port},
  "events": "/run/postgresql",
  "interval": 1,
  "answerWithin": 2,
  "restartAfter": 2,
  "handoverAfter": ${cluster.pooling.handoverAfter},
  "patroni": "https://${node.address}:${cluster.postgresql.restPort}",
  "member": "${node.name}"
}
