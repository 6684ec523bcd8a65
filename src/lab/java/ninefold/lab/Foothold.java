package ninefold.lab;

/** An attacker: a row of the table "Attackers" in {@code docs/security.md}. */
enum Foothold {
  NETWORK("a machine on the same network"),
  APPLICATION("an application"),
  OTHER_OWNER("the owner of another database"),
  HAPROXY("an attacker in HAProxy's worker process"),
  BALANCER("root on a balancer"),
  PGBOUNCER("an attacker in PgBouncer's process"),
  ETCD("root on an etcd member"),
  REPOSITORY("root on the repository"),
  DATABASE("root on a database node"),
  SERVICE_USER("an attacker with a service's user"),
  FORMER("a removed node"),
  STATE_WRITER("someone who can write the stack's state"),
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
