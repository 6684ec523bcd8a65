<#list services as service>
[${service.name}]
host=${address}
port=${service.port}
dbname=${service.database}
user=${service.user}
sslmode=verify-full
sslrootcert=${authority}
connect_timeout=5
keepalives_idle=10
keepalives_interval=3
keepalives_count=3

</#list>
