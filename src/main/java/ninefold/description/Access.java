package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.List;
import java.util.Optional;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/**
 * How machines are reached, and how long is waited for them.
 *
 * @param user the administrator's name: root, or with sudo that asks no password
 * @param port sshd's port
 * @param harden whether sshd takes keys alone, no root and modern algorithms
 * @param users who else is let in by sshd
 * @param jump a host to go through, if any
 * @param connectLimit how long a machine may take to answer, s
 * @param stepLimit how long one step on a machine may take, s
 */
public record Access(
    @Description("The administrator on the machines: root, or a user with passwordless sudo.")
        @Default("admin")
        @Format(TextFormat.USER)
        String user,
    @Description("The port of sshd.") @Default("22") @Min(1) @Max(65535) int port,
    @Description(
            "Whether sshd takes keys alone, no root and modern algorithms; false where machines keep"
                + " their own settings.")
        @Default("true")
        boolean harden,
    @Description(
            "Users whom sshd lets in beside the administrator; nobody else then. Without any, machines"
                + " that are made here let in the administrator alone, and given ones all but the"
                + " users of services.")
        @Default("[]")
        @Format(TextFormat.USER)
        List<String> users,
    @Description("A host to go through to reach the machines.") Optional<Jump> jump,
    @Description("Seconds that a machine may take until it answers.")
        @Default("300")
        @Min(5)
        @Max(3600)
        int connectLimit,
    @Description(
            "Seconds that one step on a machine may take. More than 900 is for slow machines: what a"
                + " step waits for may take as much longer.")
        @Default("900")
        @Min(30)
        @Max(86400)
        int stepLimit) {
  /** Users under which services run: nobody logs in as one of them. */
  public static final List<String> SERVICE_USERS =
      List.of(
          "_chrony", "etcd", "haproxy", "keepalived_script", "pgbackrest", "pgbouncer", "postgres");

  /** Keeps a copy that cannot be changed. */
  public Access {
    users = List.copyOf(users);
  }

  /**
   * A host through which the machines are reached.
   *
   * @param address its address or name
   * @param port sshd's port there
   * @param user the user there; the same key is used
   * @param hostKey its public host key, {@code ssh-ed25519 AAAA…}
   */
  public record Jump(
      @Description("Address or name of the host to go through.") @Format(TextFormat.HOST)
          String address,
      @Description("The port of its sshd.") @Default("22") @Min(1) @Max(65535) int port,
      @Description("The user there; the key is the same.") @Format(TextFormat.USER) String user,
      @Description("Its public host key, as in: ssh-ed25519 AAAA…") @Format(TextFormat.HOST_KEY)
          String hostKey) {}
}
