global_defs {
  router_id ${node.name}
  enable_script_security
  script_user keepalived_script
  vrrp_garp_master_refresh 30
}

vrrp_script haproxy_serves {
  script "/usr/local/lib/ninefold/haproxy-serves ${alivePort} ${timings.vrrp.haproxyTimeout.seconds}"
  interval ${timings.vrrp.advertInterval.seconds}
  timeout ${timings.vrrp.haproxyTimeout.seconds}
  fall 2
  rise 2
}

# If only this balancer does not reach the leader, the address moves to one that does. `fall` covers the time by which
# two balancers may notice a new leader at different times.
vrrp_script haproxy_reaches_leader {
  script "/usr/local/lib/ninefold/haproxy-reaches-leader ${alivePort} ${cluster.balancing.readWritePort} ${timings.vrrp.haproxyTimeout.seconds}<#list peers as peer> ${peer.address}</#list>"
  interval ${timings.vrrp.advertInterval.seconds}
  timeout ${timings.vrrp.haproxyTimeout.seconds * (2 + peers?size)}
  fall ${timings.blindRounds}
  rise 2
}

vrrp_instance clients {
  # All start as BACKUP, and with nopreempt none takes the address back: it moves only when necessary.
  state BACKUP
  nopreempt
  interface @INTERFACE@
  virtual_router_id ${cluster.network.virtualRouterId}
  priority ${priority}
  advert_int ${timings.vrrp.advertInterval.seconds}
  unicast_src_ip ${node.address}
<#if peers?has_content>
  # Accepts VRRP packets from the peers only, independently of a firewall, and none that came through a router: those
  # have a TTL below 255.
  check_unicast_src
  unicast_peer {
<#list peers as peer>
    ${peer.address} min_ttl 255 max_ttl 255
</#list>
  }
</#if>
  virtual_ipaddress {
    ${cluster.network.virtualAddress}/${prefix}
  }
  track_script {
    haproxy_serves
    haproxy_reaches_leader
  }
}
