<#assign backup = cluster.backup>
{
  "stanza": "${cluster.stanza}",
  "nodes": {<#list postgresNodes as node>"${node.address}": "${node.name}"<#sep>, </#list>},
  "retention": {
    "full_backups": ${backup.fullBackups?c},
    "keep_for_seconds": ${backup.keepFor.toSeconds()?c},
    "differential_backups": <#if backup.differentialBackups.isPresent()>${backup.differentialBackups.get()?c}<#else>null</#if>,
    "monthly_backups": ${backup.monthlyBackups?c},
    "yearly_backups": ${backup.yearlyBackups?c}
  }
}
