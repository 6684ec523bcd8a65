# Read once, when the cluster is created; afterwards, Patroni keeps these settings in etcd.
bootstrap:
  dcs:
<#list dynamic as line>
    ${line}
</#list>
  initdb:
    - encoding: UTF8
    - locale-provider: libc
    - locale: C.UTF-8
    - data-checksums
