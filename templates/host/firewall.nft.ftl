# The sources that may reach this machine; everything else is dropped. Other tables are not touched.
table inet ninefold
delete table inet ninefold
table inet ninefold {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    # These rules check each ssh packet, even of established connections. So the step's own connection shows whether new
    # connections would work.
<#list sshNetworks as network>
    tcp dport ${sshPort} ip saddr ${network} accept
<#else>
    tcp dport ${sshPort} accept
</#list>
    tcp dport ${sshPort} drop
    ct state established,related accept
    # Connections between the cluster's machines that are older than these rules continue.
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
    # Other ports for operators
<#items as port>
<#list operatorNetworks as network>
    tcp dport ${port?c} ip saddr ${network} accept
</#list>
</#items>
</#list>
<#list vrrpPeers>
    # VRRP; packets that came through a router have a lower TTL
<#items as source>
    ip protocol 112 ip saddr ${source} ip ttl 255 accept
</#items>
</#list>
  }
}
