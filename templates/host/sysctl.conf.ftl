<#list settings as name, value>
${name} = ${value}
</#list>
