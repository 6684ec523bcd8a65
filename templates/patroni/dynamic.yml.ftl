ttl: ${timings.ttl.seconds}
loop_wait: ${timings.loopWait.seconds}
retry_timeout: ${timings.retryTimeout.seconds}
primary_start_timeout: ${timings.primaryStartTimeout.seconds}
primary_stop_timeout: ${timings.primaryStopTimeout.seconds}
maximum_lag_on_failover: ${cluster.postgresql.maximumLag.bytes}
check_timeline: true
failsafe_mode: true
synchronous_mode: ${cluster.durability.synchronousMode()}
synchronous_mode_strict: ${cluster.durability.strict()}
synchronous_node_count: 1
<#if cluster.postgresql.slots?has_content>
slots:
<#list cluster.postgresql.slots as slot>
  "${slot.name}":
<#list slot.properties as key, value>
    ${key}: "${value}"
</#list>
</#list>
</#if>
<#if cluster.postgresql.ignoreSlots?has_content>
ignore_slots:
<#list cluster.postgresql.ignoreSlots as slot>
<#list slot.properties as key, value>
  ${key?is_first?then("-", " ")} ${key}: "${value}"
</#list>
</#list>
</#if>
postgresql:
  use_pg_rewind: true
  use_slots: true
  parameters:
<#list parameters as name, value>
    ${name}: ${value}
</#list>
