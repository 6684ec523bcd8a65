#cloud-config
# The machine reads this at its first boot. JSON strings are valid YAML, and need no indentation.
hostname: ${name}
manage_etc_hosts: localhost
disable_root: true
ssh_pwauth: false
users:
  - name: ${administrator}
    shell: /bin/bash
    lock_passwd: true
    sudo: "ALL=(ALL) NOPASSWD: ALL"
    ssh_authorized_keys: ["${authorizedKey?json_string}"]
ssh_deletekeys: true
ssh_keys:
  ${hostKeyType}_private: "${hostKeyPrivate?json_string}"
  ${hostKeyType}_public: "${hostKeyPublic?json_string}"
write_files:
  - path: /etc/ssh/sshd_config.d/10-ninefold.conf
    content: |
      Port ${port}
      HostKey /etc/ssh/ssh_host_${hostKeyType}_key
      PermitRootLogin no
      PasswordAuthentication no
      UseDNS no
      # Each step of a deployment has its own connection.
      MaxStartups 100:30:200
<#if dataDirectories?has_content>
bootcmd:
  - [bash, -c, "${dataDiskScript?json_string}", data-disk, "${clusterName}"<#list dataDirectories as directory>, ${directory}</#list>]
</#if>
# Once the data has its disk, later boots do not need cloud-init.
runcmd:
<#if dataDirectories?has_content>
  - [sh, -c, "mountpoint -q ${dataDirectories[0]} && touch /etc/cloud/cloud-init.disabled"]
<#else>
  - [touch, /etc/cloud/cloud-init.disabled]
</#if>
