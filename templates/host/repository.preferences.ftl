# The additional repository provides the cluster's packages. Any other package from it is installed only if no other
# source has it, and does not replace an installed one.
Package: ${packages?join(" ")}
Pin: origin "@HOST@"
Pin-Priority: 500

Package: *
Pin: origin "@HOST@"
Pin-Priority: 50
