package ninefold.verdict;

import static ninefold.verdict.CheckArea.BACKUPS;
import static ninefold.verdict.CheckArea.CERTIFICATES;
import static ninefold.verdict.CheckArea.CLIENT_PATH;
import static ninefold.verdict.CheckArea.CONFORMITY;
import static ninefold.verdict.CheckArea.ETCD;
import static ninefold.verdict.CheckArea.MACHINES;
import static ninefold.verdict.CheckArea.REPLICATION;
import static ninefold.verdict.CheckArea.SETTINGS;

/**
 * All checks, the most serious first. Reports list findings in this order.
 *
 * <p>The keyword of each constant is part of the JSON of {@code ./ninefold status --json}, so
 * constants must not be renamed.
 */
public enum Check {
  /** There is no leader, or it is not known. */
  NO_LEADER(REPLICATION, Kind.NO_WRITES),
  /** No balancer has the virtual address. */
  VIRTUAL_ADDRESS_LOST(CLIENT_PATH, Kind.NO_WRITES),
  /** The leader's PgBouncer doesn't answer. */
  LEADER_POOL_SILENT(CLIENT_PATH, Kind.NO_WRITES),
  /** A write through the virtual address fails from every balancer. */
  WRITE_FAILS(CLIENT_PATH, Kind.NO_WRITES),

  /** More than one PostgreSQL accepts writes. */
  SEVERAL_LEADERS(REPLICATION),
  /** The leader is not in the description. */
  LEADER_UNKNOWN(REPLICATION),
  /** More than one balancer has the virtual address. */
  VIRTUAL_ADDRESS_TWICE(CLIENT_PATH),
  /** etcd has no leader. */
  ETCD_QUORUM(ETCD),
  /** etcd has raised an alarm. */
  ETCD_ALARM(ETCD),

  /** A machine doesn't answer. */
  NODE_SILENT(MACHINES, Kind.LASTING),
  /** A machine's identity differs from the description. */
  NODE_OTHER(MACHINES),
  /** Patroni doesn't answer. */
  PATRONI_SILENT(REPLICATION),
  /** PostgreSQL doesn't answer. */
  POSTGRESQL_SILENT(REPLICATION),
  /** A member of etcd doesn't answer. */
  ETCD_SILENT(ETCD),
  /** PgBouncer on a replica doesn't answer. */
  POOL_SILENT(CLIENT_PATH),
  /** HAProxy doesn't answer. */
  HAPROXY_SILENT(CLIENT_PATH),
  /** Keepalived doesn't answer. */
  KEEPALIVED_SILENT(CLIENT_PATH),
  /** pgBackRest's repository doesn't answer. */
  REPOSITORY_SILENT(BACKUPS),

  /** No synchronous standby, though durability promises one. */
  SYNC_STANDBY_MISSING(REPLICATION),
  /** The leader is the only database node that answers. */
  LAST_COPY(REPLICATION, Kind.LASTING),
  /** A database node of the description is not a member in Patroni. */
  MEMBER_MISSING(REPLICATION),
  /**
   * Patroni has a member that is not in the description. {@code pulumi up} stops it as its last
   * step.
   */
  MEMBER_UNKNOWN(REPLICATION, Kind.LASTING),
  /** A member is neither running nor streaming. */
  MEMBER_STATE(REPLICATION),
  /** A member is on a different timeline than the leader. */
  MEMBER_TIMELINE(REPLICATION),
  /** A replica doesn't stream from the leader. */
  MEMBER_NOT_STREAMING(REPLICATION),
  /** A replica's lag is too large. */
  MEMBER_LAG(REPLICATION),
  /** A slot has lost WAL that its member needs, or is about to. */
  SLOT_LOST(REPLICATION, Kind.LASTING),
  /** A member's slot is inactive. */
  SLOT_INACTIVE(REPLICATION),
  /** The leader lacks a slot for a member or a slot of the description. */
  SLOT_MISSING(REPLICATION),

  /** A write through the virtual address fails from one balancer. */
  WRITE_FAILS_HERE(CLIENT_PATH),
  /** A read through the virtual address fails. */
  READ_FAILS(CLIENT_PATH),
  /** A balancer's port does not accept connections. */
  FRONTEND_CLOSED(CLIENT_PATH),
  /** A balancer lacks a server, has one too many, or has a wrong address for one. */
  SERVER_DIFFERS(CLIENT_PATH),
  /** A server of a balancer is up but should be down, or the reverse. */
  SERVER_STATE(CLIENT_PATH),
  /** Keepalived's state does not match whether the machine has the virtual address. */
  KEEPALIVED_STATE(CLIENT_PATH),
  /** A setting of a PgBouncer differs from the description. */
  POOL_SETTING(CLIENT_PATH),
  /** A PgBouncer lacks a database, has one too many, or has wrong settings for one. */
  POOL_DATABASE(CLIENT_PATH),
  /** A balancer's connection limit differs from the description. */
  BALANCER_LIMIT(CLIENT_PATH),
  /** A balancer is close to its connection limit. */
  BALANCER_FULL(CLIENT_PATH, Kind.LASTING),
  /** Clients wait too long for a server connection. */
  CLIENTS_WAIT(CLIENT_PATH, Kind.LASTING),

  /** An etcd node of the description is not a member of etcd. */
  ETCD_MEMBER_MISSING(ETCD),
  /** etcd has a member that is not in the description. */
  ETCD_MEMBER_UNKNOWN(ETCD),
  /** A member of etcd is a learner, without a vote. */
  ETCD_MEMBER_LEARNS(ETCD),
  /** A member of etcd has wrong URLs. */
  ETCD_MEMBER_ADDRESS(ETCD),
  /** A member of etcd reports no leader, or a different one. */
  ETCD_MEMBER_APART(ETCD),
  /** The data of etcd is close to its quota. */
  ETCD_SIZE(ETCD),

  /** Segments are missing in the archive, and no later backup makes up for them. */
  ARCHIVE_GAP(BACKUPS, Kind.LASTING),
  /** A segment has waited too long to be archived. */
  ARCHIVE_WAITS(BACKUPS),
  /** The last attempt to archive a segment failed. */
  ARCHIVE_FAILS(BACKUPS),
  /** The archive has WAL of a timeline that the leader has not reached. */
  ARCHIVE_TIMELINE(BACKUPS, Kind.LASTING),
  /** pgBackRest on a database node has a different version than on the repository. */
  PGBACKREST_VERSION(BACKUPS, Kind.LASTING),
  /** pgBackRest reports an error of the stanza, or the stanza is a different one. */
  STANZA(BACKUPS),
  /** There is no backup. */
  BACKUP_MISSING(BACKUPS),
  /** The newest backup contains damaged pages, or the last scheduled run failed. */
  BACKUP_FAILED(BACKUPS, Kind.LASTING),
  /** The newest backup is too old. */
  BACKUP_OLD(BACKUPS, Kind.LASTING),

  /** A setting of PostgreSQL differs from the description. */
  SETTING_DIFFERS(SETTINGS),
  /** PostgreSQL cannot parse a value of the description. */
  SETTING_UNREADABLE(SETTINGS),
  /** A setting waits for a restart. */
  RESTART_PENDING(SETTINGS),
  /** Patroni's settings in etcd differ from the description. */
  CONFIGURATION_DIFFERS(SETTINGS),
  /** Patroni is paused. */
  PAUSED(REPLICATION, Kind.LASTING),
  /** Transaction IDs are old: PostgreSQL comes close to a wraparound. */
  TRANSACTION_AGE(REPLICATION, Kind.LASTING),

  /** A certificate has expired. */
  CERTIFICATE_ENDED(CERTIFICATES),
  /** A certificate expires soon. */
  CERTIFICATE_ENDS(CERTIFICATES, Kind.LASTING),
  /** A service does not serve the certificate on disk. */
  CERTIFICATE_NOT_SERVED(CERTIFICATES),

  /** A file system is nearly full. */
  SPACE(MACHINES, Kind.LASTING),
  /** A file system has few inodes left. */
  INODES(MACHINES, Kind.LASTING),
  /** A machine's clock differs from the others'. */
  CLOCK_DIFFERS(MACHINES, Kind.LASTING),
  /** A machine's clock is not synchronized, or differs from its NTP server. */
  CLOCK_UNSYNCHRONIZED(MACHINES, Kind.LASTING),

  /** A step has failed, and has not succeeded since. */
  STEP_UNFINISHED(CONFORMITY),
  /** A unit is not active. */
  UNIT_INACTIVE(CONFORMITY),
  /** A unit does not start when the machine boots. */
  UNIT_DISABLED(CONFORMITY),
  /** A package is not installed. */
  PACKAGE_MISSING(CONFORMITY),
  /** A package's version differs from the description. */
  PACKAGE_VERSION(CONFORMITY),
  /** A file differs from what the stack wrote. */
  FILE_DIFFERS(CONFORMITY, Kind.LASTING),
  /** A role of the description or of the stack does not exist in PostgreSQL. */
  ROLE_MISSING(CONFORMITY),
  /** A role other than postgres is a superuser. */
  ROLE_SUPERUSER(CONFORMITY, Kind.LASTING),
  /** A role has wrong attributes. */
  ROLE_DIFFERS(CONFORMITY),
  /**
   * A role's password is not the one that PgBouncer has, so PgBouncer cannot log in as that role.
   */
  ROLE_PASSWORD(CONFORMITY, Kind.LASTING),
  /** A database of the description does not exist. */
  DATABASE_MISSING(CONFORMITY),
  /** A database has a different owner. */
  DATABASE_OWNER(CONFORMITY),
  /** A database is not in the description. */
  DATABASE_UNKNOWN(CONFORMITY, Kind.LASTING),

  /** A fact could not be collected. */
  FACT_MISSING(MACHINES);

  private enum Kind {
    NO_WRITES,
    LASTING,
    USUAL
  }

  private final CheckArea area;
  private final Kind kind;

  Check(CheckArea area) {
    this(area, Kind.USUAL);
  }

  Check(CheckArea area, Kind kind) {
    this.area = area;
    this.kind = kind;
  }

  /** The area of the check. */
  public CheckArea area() {
    return area;
  }

  /** The effect of its findings on clients. */
  public Effect effect() {
    return kind == Kind.NO_WRITES ? Effect.NO_WRITES : Effect.DEGRADED;
  }

  /**
   * Whether its findings can exist before {@code pulumi up}, which does not cause them. {@code
   * pulumi up} then prints a warning and does not fail.
   */
  public boolean lasting() {
    return kind == Kind.LASTING;
  }

  /** The keyword in JSON, as in {@code no-leader}. */
  public String word() {
    return FindingText.kebab(name());
  }
}
