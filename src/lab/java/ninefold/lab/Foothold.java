package ninefold.lab;

/** Who attacks: a row of the first table of {@code docs/security.md}. */
enum Foothold {
  NETWORK("a machine on the same network"),
  APPLICATION("an application"),
  OTHER_OWNER("the owner of another database"),
  HAPROXY("whoever takes over HAProxy's serving process"),
  BALANCER("whoever is root on a balancer"),
  PGBOUNCER("whoever takes over PgBouncer's process"),
  ETCD("whoever is root on an etcd machine"),
  REPOSITORY("whoever takes over the repository"),
  DATABASE("whoever is root on a database node"),
  SERVICE_USER("whoever has a service's user on a machine"),
  FORMER("a machine that was taken out"),
  STATE_WRITER("whoever can write the stack's state"),
  WORKSTATION("another user of the workstation or of a hypervisor"),
  SUPPLIER("a package repository or a release server");

  private final String row;

  Foothold(String row) {
    this.row = row;
  }

  /** The first cell of that row. */
  String row() {
    return row;
  }
}
