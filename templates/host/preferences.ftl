# Held at these versions, also by 'apt-get upgrade' and by updates that come by themselves.
<#list versions as name, version>

Package: ${name}
Pin: version ${version}
Pin-Priority: 1001
</#list>
