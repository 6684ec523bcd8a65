# Ignore redirects and router advertisements from other machines.
net.ipv4.conf.*.accept_redirects = 0
net.ipv4.conf.*.send_redirects = 0
net.ipv6.conf.*.accept_redirects = 0
net.ipv6.conf.*.accept_ra = 0
<#list settings as name, value>
${name} = ${value}
</#list>
