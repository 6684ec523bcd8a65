# Who may reach this machine; nothing else comes in. Other tables are left alone.
table inet ninefold
delete table inet ninefold
table inet ninefold {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    # ssh is judged packet by packet, before connections are: so the connection that brings these
    # rules shows whether another one would get through.
<#list sshNetworks as network>
    tcp dport ${sshPort} ip saddr ${network} accept
<#else>
    tcp dport ${sshPort} accept
</#list>
    tcp dport ${sshPort} drop
    ct state established,related accept
    # Connections between the cluster's machines that are older than these rules go on.
    ip saddr { ${nodeAddresses?join(", ")} } tcp flags & (syn | ack) != syn accept
    icmp type echo-request accept
    icmpv6 type { echo-request, nd-neighbor-solicit, nd-neighbor-advert } accept
<#list ports as service, port>
<#if port.from?has_content>
    # ${service}
<#list port.from as source>
    tcp dport ${port.number} ip saddr ${source} accept
</#list>
</#if>
</#list>
<#list operatorPorts>
    # What else operators reach
<#items as port>
<#list operatorNetworks as network>
    tcp dport ${port?c} ip saddr ${network} accept
</#list>
</#items>
</#list>
<#list vrrpPeers>
    # VRRP; what comes through a router has a lower TTL
<#items as source>
    ip protocol 112 ip saddr ${source} ip ttl 255 accept
</#items>
</#list>
  }
}
