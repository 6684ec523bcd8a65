# Read once, when the cluster is created; afterwards, Patroni keeps these settings in etcd.
bootstrap:
  dcs:
<#list dynamic as line>
    ${line}
</#list>
<#if bootstrap.isPresent()>
  method: backup
  backup:
    command: "/usr/local/lib/ninefold/bootstrap-from-backup ${bootstrap.get().from}<#list bootstrap.get().options as option> '${option}'</#list>"
    no_params: true
</#if>
  initdb:
    - encoding: UTF8
    - locale-provider: libc
    - locale: C.UTF-8
    - data-checksums
