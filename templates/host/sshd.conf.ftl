# The users of services: an attacker in a service could write an authorized_keys file.
DenyUsers ${services?join(" ")}
<#if users?has_content>
AllowUsers ${users?join(" ")}
</#if>
<#if harden>
# Only keys, and only modern algorithms.
PermitRootLogin <#if administrator == "root">prohibit-password<#else>no</#if>
PubkeyAuthentication yes
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitEmptyPasswords no
X11Forwarding no
# Root on this machine could use a forwarded agent to log in elsewhere.
AllowAgentForwarding no
# The journal shows the key of each login.
LogLevel VERBOSE
MaxAuthTries 4
KexAlgorithms mlkem768x25519-sha256,sntrup761x25519-sha512,sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org
Ciphers chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com
MACs hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com
</#if>
