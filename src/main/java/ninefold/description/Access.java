package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.DurationRange;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/** How to reach the machines, and how long to wait for them. */
public record Access(
    @Description("The administrator on the machines: root, or a user with passwordless sudo.")
        @Default("admin")
        @Format(TextFormat.USER)
        String user,
    @Description("Port of sshd.") @Default("22") @Min(1) @Max(65535) int port,
    @Description(
            "Whether to restrict sshd to public keys, non-root users and modern algorithms. Set it to"
                + " false if the machines keep their own sshd settings.")
        @Default("true")
        boolean harden,
    @Description(
            "Users who may log in by ssh in addition to the administrator; all others are refused. If"
                + " the list is empty, machines that the stack creates accept only the administrator,"
                + " and existing machines accept every user except those that run services.")
        @Default("[]")
        @Format(TextFormat.USER)
        List<String> users,
    @Description("A jump host through which to reach the machines.") Optional<Jump> jump,
    @Description("How long to wait for a machine to answer.")
        @Default("5min")
        @DurationRange(min = "5s", max = "1h")
        Duration connectTimeout,
    @Description(
            "How long one step on a machine may take. Set more than 15min for slow machines: the waits"
                + " inside a step are extended in proportion.")
        @Default("15min")
        @DurationRange(min = "30s", max = "24h")
        Duration stepTimeout) {
  /** Users under which services run. They cannot log in by ssh. */
  public static final List<String> SERVICE_USERS =
      List.of(
          "_chrony", "etcd", "haproxy", "keepalived_script", "pgbackrest", "pgbouncer", "postgres");

  /** Keeps a copy that cannot be changed. */
  public Access {
    users = List.copyOf(users);
  }

  /** A jump host through which to reach the machines. */
  public record Jump(
      @Description("Address or name of the jump host.") @Format(TextFormat.HOST) String address,
      @Description("Port of its sshd.") @Default("22") @Min(1) @Max(65535) int port,
      @Description("User on the jump host. Ninefold uses the same key as for the machines.")
          @Format(TextFormat.USER)
          String user,
      @Description("Public host key of the jump host, such as: ssh-ed25519 AAAA…")
          @Format(TextFormat.HOST_KEY)
          String hostKey) {}
}
