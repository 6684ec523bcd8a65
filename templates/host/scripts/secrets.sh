#!/usr/bin/env bash
# secrets [remove]: installs keys, certificates and passwords, each readable by the user that needs it. Each service's
# own step then notices that its secrets have changed, and reloads the service.
source /usr/local/lib/ninefold/lib.sh

if [[ ${1:-} == remove ]]; then
  forget secrets
  exit
fi
# Whether the CAs in file $1 have signed the certificate in file $2, which may contain intermediate certificates. The
# services do not use the machine's own trusted CAs.
has_signed() { openssl verify -no_check_time -no-CApath -no-CAstore -CAfile "$1" -untrusted "$2" "$2" >/dev/null 2>&1; }
# Whether $1 is pgBackRest's CA file from a version in which pgBackRest had no CA of its own. This CA changes in one run:
# WAL waits some seconds, until the repository and the node trust each other again.
before_pgbackrests_ca() {
  [[ $1 == */tls/pgbackrest?(-server)/ca.crt && $(openssl x509 -noout -subject -in "$1") != *' for pgBackRest'* ]]
}
# Services keep the trusted CAs that they read when they started. So a CA must be trusted one run before it signs
# certificates, and one run longer than it does.
require_overlapping_trust() {
  local path authorities certificate
  while read -r path _; do
    authorities=${path%/*}/ca.crt
    [[ $path == */node.@(crt|pem) && -e $path && -e $authorities ]] || continue
    ! before_pgbackrests_ca "$authorities" || continue
    certificate=$(staged "$path")
    has_signed "$authorities" "$certificate" ||
      fail "secrets: $path would be signed by a CA that is not trusted yet; nothing was changed" \
        'running services would refuse each other' \
        "trust that CA for one run first: 'certificates.additionalTrustedCa' in the description, or ninefold:additionalTrustedCas"
    has_signed "$(staged "$authorities")" "$path" ||
      fail "secrets: the CA that signed $path would no longer be trusted; nothing was changed" \
        'running services still use its certificates' \
        "trust that CA for one more run: 'certificates.additionalTrustedCa' in the description, or ninefold:additionalTrustedCas"
  done <"$stage/index"
}

receive
require_overlapping_trust
place
record secrets
