version: 2
ethernets:
  primary:
    match: {macaddress: "${mac}"}
    dhcp4: false
    dhcp6: false
    addresses: [${address}/${prefix}]
<#if gateway??>
    routes:
      - {to: default, via: ${gateway}}
</#if>
<#if nameservers?has_content>
    nameservers: {addresses: [${nameservers?join(", ")}]}
</#if>
