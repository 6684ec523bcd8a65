ETCD_NAME=${node.name}
ETCD_DATA_DIR=${dataDirectory}
ETCD_LISTEN_CLIENT_URLS=https://${node.address}:${etcd.clientPort}
ETCD_ADVERTISE_CLIENT_URLS=https://${node.address}:${etcd.clientPort}
ETCD_LISTEN_PEER_URLS=https://${node.address}:${etcd.peerPort}
ETCD_INITIAL_ADVERTISE_PEER_URLS=https://${node.address}:${etcd.peerPort}
<#-- etcd derives the cluster's ID from this token. Patroni recognizes a new cluster by its new ID; with the old ID, it
  would refuse a term lower than that of the lost cluster. -->
ETCD_INITIAL_CLUSTER_TOKEN=${clusterName}<#if etcd.generation gt 1>-${etcd.generation}</#if>
ETCD_CLIENT_CERT_AUTH=true
ETCD_TRUSTED_CA_FILE=/etc/ninefold/tls/etcd/ca.crt
ETCD_CERT_FILE=/etc/ninefold/tls/etcd/node.crt
ETCD_KEY_FILE=/etc/ninefold/tls/etcd/node.key
# Made on this machine, of those that the description has no more.
ETCD_CLIENT_CRL_FILE=/etc/ninefold/tls/etcd/refused.crl
ETCD_PEER_CRL_FILE=/etc/ninefold/tls/etcd/refused.crl
ETCD_PEER_CLIENT_CERT_AUTH=true
ETCD_PEER_TRUSTED_CA_FILE=/etc/ninefold/tls/etcd/ca.crt
# A client of etcd is no member.
ETCD_PEER_CERT_ALLOWED_HOSTNAME=${memberName}
ETCD_PEER_CERT_FILE=/etc/ninefold/tls/etcd/node.crt
ETCD_PEER_KEY_FILE=/etc/ninefold/tls/etcd/node.key
ETCD_TLS_MIN_VERSION=TLS1.3
ETCD_HEARTBEAT_INTERVAL=${timings.heartbeat.toMillis()}
ETCD_ELECTION_TIMEOUT=${timings.election.toMillis()}
ETCD_QUOTA_BACKEND_BYTES=${etcd.quota.bytes}
ETCD_AUTO_COMPACTION_MODE=periodic
ETCD_AUTO_COMPACTION_RETENTION=1h
# A member whose data differs from the others' does not start with it.
ETCD_EXPERIMENTAL_INITIAL_CORRUPT_CHECK=true
ETCD_LOG_LEVEL=warn
