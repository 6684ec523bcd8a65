# Who founds the cluster together; later, who is to be in it.
ETCD_INITIAL_CLUSTER=<#list members as member>${member.name}=https://${member.address}:${etcd.peerPort}<#sep>,</#list>
