# Who founds the cluster together; later, who is to be in it.
ETCD_INITIAL_CLUSTER=<#list etcdNodes as etcdNode>${etcdNode.name}=https://${etcdNode.address}:${etcd.peerPort}<#sep>,</#list>
