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
 * Everything that is checked, in the order of weight: a report lists the first ones first.
 *
 * <p>Each constant's word is part of the JSON that {@code ./ninefold status --json} prints, so it
 * stays.
 */
public enum Check {
  /** Nobody leads, or nobody can say who does. */
  NO_LEADER(REPLICATION, Kind.NO_WRITES),
  /** No balancer holds the virtual address. */
  VIRTUAL_ADDRESS_LOST(CLIENT_PATH, Kind.NO_WRITES),
  /** The leader's PgBouncer doesn't answer. */
  LEADER_POOL_SILENT(CLIENT_PATH, Kind.NO_WRITES),
  /** A write through the virtual address fails from every balancer. */
  WRITE_FAILS(CLIENT_PATH, Kind.NO_WRITES),

  /** More than one PostgreSQL accepts writes. */
  SEVERAL_LEADERS(REPLICATION),
  /** The leader is not in the description. */
  LEADER_UNKNOWN(REPLICATION),
  /** More than one balancer holds the virtual address. */
  VIRTUAL_ADDRESS_TWICE(CLIENT_PATH),
  /** etcd has no leader. */
  ETCD_QUORUM(ETCD),
  /** etcd raised an alarm. */
  ETCD_ALARM(ETCD),

  /** A machine doesn't answer. */
  NODE_SILENT(MACHINES, Kind.LASTING),
  /** A machine says that it is another one. */
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
  /** A described node is no member in Patroni. */
  MEMBER_MISSING(REPLICATION),
  /** Patroni has a member that the description lacks. An {@code up} stops it after all else. */
  MEMBER_UNKNOWN(REPLICATION, Kind.LASTING),
  /** A member is neither running nor streaming. */
  MEMBER_STATE(REPLICATION),
  /** A member is on another timeline than the leader. */
  MEMBER_TIMELINE(REPLICATION),
  /** A replica doesn't stream from the leader. */
  MEMBER_NOT_STREAMING(REPLICATION),
  /** A replica is too far behind. */
  MEMBER_LAG(REPLICATION),
  /** A slot has lost WAL that its member needs, or is about to. */
  SLOT_LOST(REPLICATION, Kind.LASTING),
  /** Nobody streams by a member's slot. */
  SLOT_INACTIVE(REPLICATION),
  /** The leader has no slot for a member, or lacks a described one. */
  SLOT_MISSING(REPLICATION),

  /** A write through the virtual address fails from one balancer. */
  WRITE_FAILS_HERE(CLIENT_PATH),
  /** A read through the virtual address fails. */
  READ_FAILS(CLIENT_PATH),
  /** A balancer's port accepts no connections. */
  FRONTEND_CLOSED(CLIENT_PATH),
  /** A balancer lacks a server, has one too many, or sends clients to another address. */
  SERVER_DIFFERS(CLIENT_PATH),
  /** A balancer has a server up that should be down, or the other way round. */
  SERVER_STATE(CLIENT_PATH),
  /** Keepalived is in fault, or in another role than its machine. */
  KEEPALIVED_STATE(CLIENT_PATH),
  /** A PgBouncer runs with another setting. */
  POOL_SETTING(CLIENT_PATH),
  /** A PgBouncer lacks a database, has one too many, or leads elsewhere. */
  POOL_DATABASE(CLIENT_PATH),
  /** A balancer accepts another number of connections than described. */
  BALANCER_LIMIT(CLIENT_PATH),
  /** A balancer has few connections left. */
  BALANCER_FULL(CLIENT_PATH, Kind.LASTING),
  /** Clients wait long for a server connection. */
  CLIENTS_WAIT(CLIENT_PATH, Kind.LASTING),

  /** A described node is no member in etcd. */
  ETCD_MEMBER_MISSING(ETCD),
  /** etcd has a member that the description lacks. */
  ETCD_MEMBER_UNKNOWN(ETCD),
  /** A member of etcd has no vote yet. */
  ETCD_MEMBER_LEARNS(ETCD),
  /** A member of etcd is reached at another address. */
  ETCD_MEMBER_ADDRESS(ETCD),
  /** A member of etcd knows no leader, or another one. */
  ETCD_MEMBER_APART(ETCD),
  /** etcd's data come near its quota. */
  ETCD_SIZE(ETCD),

  /** Segments are missing in the archive. */
  ARCHIVE_GAP(BACKUPS, Kind.LASTING),
  /** A segment waits long to be archived. */
  ARCHIVE_WAITS(BACKUPS),
  /** The last attempt to archive a segment failed. */
  ARCHIVE_FAILS(BACKUPS),
  /** A database node's pgBackRest has another version than the repository's. */
  PGBACKREST_VERSION(BACKUPS, Kind.LASTING),
  /** pgBackRest says that the stanza is not well, or it is another one. */
  STANZA(BACKUPS),
  /** There is no backup. */
  BACKUP_MISSING(BACKUPS),
  /** The newest backup holds damaged pages, or the last run of a schedule failed. */
  BACKUP_FAILED(BACKUPS, Kind.LASTING),
  /** The newest backup is old. */
  BACKUP_OLD(BACKUPS, Kind.LASTING),

  /** PostgreSQL runs with another value than described. */
  SETTING_DIFFERS(SETTINGS),
  /** A described value is none that PostgreSQL understands. */
  SETTING_UNREADABLE(SETTINGS),
  /** A setting waits for a restart. */
  RESTART_PENDING(SETTINGS),
  /** Patroni's settings in etcd differ from the stack's. */
  CONFIGURATION_DIFFERS(SETTINGS),
  /** Patroni is paused. */
  PAUSED(REPLICATION, Kind.LASTING),
  /** Transactions are old: PostgreSQL comes near the end of its numbers. */
  TRANSACTION_AGE(REPLICATION, Kind.LASTING),

  /** A certificate has ended. */
  CERTIFICATE_ENDED(CERTIFICATES),
  /** A certificate ends soon. */
  CERTIFICATE_ENDS(CERTIFICATES, Kind.LASTING),
  /** A service serves another certificate than the one on disk. */
  CERTIFICATE_NOT_SERVED(CERTIFICATES),

  /** A file system is nearly full. */
  SPACE(MACHINES, Kind.LASTING),
  /** A file system has few inodes left. */
  INODES(MACHINES, Kind.LASTING),
  /** A machine's clock differs from the others'. */
  CLOCK_DIFFERS(MACHINES, Kind.LASTING),
  /** A machine's clock follows no server, or is far from it. */
  CLOCK_UNSYNCHRONIZED(MACHINES, Kind.LASTING),

  /** A step failed half-way. */
  STEP_UNFINISHED(CONFORMITY),
  /** A unit is not active. */
  UNIT_INACTIVE(CONFORMITY),
  /** A unit doesn't start with the machine. */
  UNIT_DISABLED(CONFORMITY),
  /** A package is missing. */
  PACKAGE_MISSING(CONFORMITY),
  /** A package has another version than described. */
  PACKAGE_VERSION(CONFORMITY),
  /** A file is not as the stack left it. */
  FILE_DIFFERS(CONFORMITY, Kind.LASTING),
  /** A role of the description or of the stack is missing. */
  ROLE_MISSING(CONFORMITY),
  /** Somebody beside postgres is a superuser. */
  ROLE_SUPERUSER(CONFORMITY, Kind.LASTING),
  /** A role may do more than described, or may not log in. */
  ROLE_DIFFERS(CONFORMITY),
  /** A role has another password than the pools take: they can't log in for it. */
  ROLE_PASSWORD(CONFORMITY, Kind.LASTING),
  /** A described database is missing. */
  DATABASE_MISSING(CONFORMITY),
  /** A database has another owner. */
  DATABASE_OWNER(CONFORMITY),
  /** A database is there that nobody described. */
  DATABASE_UNKNOWN(CONFORMITY, Kind.LASTING),

  /** Something could not be collected. */
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

  /** What it looks at. */
  public CheckArea area() {
    return area;
  }

  /** What a finding of it means for clients. */
  public Effect effect() {
    return kind == Kind.NO_WRITES ? Effect.NO_WRITES : Effect.DEGRADED;
  }

  /**
   * Whether what it finds can be there before an {@code up} and is nothing that an {@code up}
   * causes. An {@code up} warns of it and doesn't fail.
   */
  public boolean lasting() {
    return kind == Kind.LASTING;
  }

  /** The word in JSON, as in {@code no-leader}. */
  public String word() {
    return FindingText.kebab(name());
  }
}
