# The further repository gives what the cluster runs on. Anything else of it is installed only where no other source has
# it, and replaces nothing that is installed.
Package: ${packages?join(" ")}
Pin: origin "@HOST@"
Pin-Priority: 500

Package: *
Pin: origin "@HOST@"
Pin-Priority: 50
