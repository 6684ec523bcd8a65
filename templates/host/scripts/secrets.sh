#!/usr/bin/env bash
# secrets [remove]: keys, certificates and passwords, each in a file of the user that needs it.
# Nothing is started or reloaded here: each service's own step finds that its secrets changed.
source /usr/local/lib/ninefold/lib.sh

if [[ ${1:-} == remove ]]; then
  forget secrets
  exit
fi
# Whether the authorities in file $1 vouch for the certificate in file $2, which may bring others with it.
# What else the machine trusts, a company's authority for instance, counts for none of the services.
vouch_for() { openssl verify -no_check_time -no-CApath -no-CAstore -CAfile "$1" -untrusted "$2" "$2" >/dev/null 2>&1; }
# Whether the file $1 is pgBackRest's and does not hold a CA of its own, as before pgBackRest had one. It changes to that
# in one run: WAL waits until the repository and the node trust each other again, which takes seconds.
before_pgbackrests_ca() {
  [[ $1 == */tls/pgbackrest?(-server)/ca.crt && $(openssl x509 -noout -subject -in "$1") != *' for pgBackRest'* ]]
}
# Services trust what they read as they started: who signs is trusted one run before, and one run after.
trust_outlasts_the_change() {
  local path authorities certificate
  while read -r path _; do
    authorities=${path%/*}/ca.crt
    [[ $path == */node.@(crt|pem) && -e $path && -e $authorities ]] || continue
    ! before_pgbackrests_ca "$authorities" || continue
    certificate=$(staged "$path")
    vouch_for "$authorities" "$certificate" ||
      fail "secrets: $path would be signed by an authority that is not trusted yet; nothing was changed" \
        'services that run would refuse each other' \
        "trust it for one run first: 'certificates.additionalTrustedCa' in the description, or ninefold:additionalTrustedCas"
    vouch_for "$(staged "$authorities")" "$path" ||
      fail "secrets: the authority that signed $path would be trusted no more; nothing was changed" \
        'services that run are known by it' \
        "trust it for one run more: 'certificates.additionalTrustedCa' in the description, or ninefold:additionalTrustedCas"
  done <"$stage/index"
}

receive
trust_outlasts_the_change
place
record secrets
