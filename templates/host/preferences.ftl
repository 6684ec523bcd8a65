# Held at these versions, also during 'apt-get upgrade' and unattended upgrades.
<#list versions as name, version>

Package: ${name}
Pin: version ${version}
Pin-Priority: 1001
</#list>
