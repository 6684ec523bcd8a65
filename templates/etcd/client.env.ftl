ETCDCTL_API=3
ETCDCTL_ENDPOINTS=<#list etcdNodes as etcdNode>https://${etcdNode.address}:${etcd.clientPort}<#sep>,</#list>
ETCDCTL_CACERT=/etc/ninefold/tls/${identity}/ca.crt
ETCDCTL_CERT=/etc/ninefold/tls/${identity}/node.crt
ETCDCTL_KEY=/etc/ninefold/tls/${identity}/node.key
ETCDCTL_DIAL_TIMEOUT=2s
