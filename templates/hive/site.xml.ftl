<#ftl output_format="XML">
<?xml version="1.0" encoding="UTF-8"?>
<configuration>
<#list properties as name, value>
  <property>
    <name>${name}</name>
    <value>${value}</value>
  </property>
</#list>
</configuration>
