# Leader leases are timed on each machine alone, but logs and recovery targets need one clock.
<#list time.servers as server>
server ${server} iburst
</#list>
makestep 1 3
