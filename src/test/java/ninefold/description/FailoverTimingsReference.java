package ninefold.description;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Stream;
import ninefold.description.Failover.Timings;

/** Generates the table of all failover timings in a page, from {@link Failover}. */
final class FailoverTimingsReference {
  static final Path FILE = Path.of("docs/performance.md");

  private static final String BEGIN = "<!-- Generated from Failover: timings -->\n";
  private static final String END = "<!-- End of the generated part -->\n";

  private final List<String> lines = new ArrayList<>();

  private FailoverTimingsReference() {}

  /** Writes the page with a current table. */
  public static void main(String[] args) throws IOException {
    Files.writeString(FILE, updated(Files.readString(FILE)));
  }

  /** The page with a current table. */
  static String updated(String page) {
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IllegalArgumentException(FILE + " has no place for the timings: " + BEGIN + END);
    }
    return page.substring(0, begin + BEGIN.length()) + table() + page.substring(end);
  }

  private static String table() {
    FailoverTimingsReference table = new FailoverTimingsReference();
    table.head();
    table.patroni();
    table.balancers();
    table.others();
    return table.lines.stream().map(line -> line + "\n").collect(joining());
  }

  private void head() {
    lines.add(
        Stream.of(Failover.values())
            .map(failover -> " `" + word(failover) + "` |")
            .collect(joining("", "| |", " meaning |")));
    lines.add(
        Stream.of(Failover.values()).map(failover -> "---|").collect(joining("", "|---|", "---|")));
    lines.add(
        "| meant for | one rack | one data center | slow links; sites that share one network | |");
  }

  private void patroni() {
    row(
        "`ttl`",
        timings -> time(timings.patroni().ttl()),
        "how long the leader's lease in etcd is valid");
    row(
        "`loop_wait`",
        timings -> time(timings.patroni().loopWait()),
        "the pause between two runs of Patroni's loop");
    row(
        "`retry_timeout`",
        timings -> time(timings.patroni().retryTimeout()),
        "how long Patroni retries etcd and PostgreSQL");
    row(
        "`primary_start_timeout`",
        timings -> time(timings.patroni().primaryStartTimeout()),
        "how long a crashed leader may take to start");
    row(
        "`primary_stop_timeout`",
        timings -> time(timings.patroni().primaryStopTimeout()),
        "how long a synchronous leader may take to stop before Patroni kills it");
  }

  private void balancers() {
    row(
        "`inter`; `fastinter`; `downinter`",
        timings ->
            "%s; %s; %s s"
                .formatted(
                    amount(timings.healthCheck().interval()),
                    amount(timings.healthCheck().fastInterval()),
                    amount(timings.healthCheck().downInterval())),
        "HAProxy's checks of a server that is up, is changing, or is down");
    row(
        "`fall`, `rise`",
        timings -> timings.healthCheck().fall() + ", " + timings.healthCheck().rise(),
        "the number of checks after which HAProxy considers a server down, up");
    row(
        "`timeout check`",
        timings -> time(timings.healthCheck().timeout()),
        "how long one of HAProxy's checks may take");
    row(
        "`advert_int`",
        timings -> time(timings.vrrp().advertInterval()),
        "the interval of Keepalived's advertisements, and of its checks of HAProxy");
    row(
        "Keepalived's check of HAProxy",
        timings -> time(timings.vrrp().haproxyTimeout()),
        "the timeout of this check; two failures in a row release the virtual address");
  }

  private void others() {
    row(
        "`server_login_retry`",
        timings -> time(timings.pooler().serverLoginRetry()),
        "how long PgBouncer waits after a failed login (its default is 15 s)");
    row(
        "`wal_sender_timeout`",
        timings -> time(timings.postgresql().walSenderTimeout()),
        "when the leader drops a replica that does not answer");
    row(
        "`restore_command`",
        timings -> time(timings.postgresql().repositoryPingTimeout()),
        "how long PostgreSQL waits for the repository; a promotion makes five requests");
    row(
        "TCP retransmissions",
        timings -> timings.kernel().retransmissions() + ": " + time(timings.kernel().untilDead()),
        "when a connection of a database node or a balancer is dead");
    row(
        "`heartbeat-interval`, `election-timeout`",
        timings -> time(timings.etcd().heartbeat()) + ", " + time(timings.etcd().election()),
        "etcd");
  }

  private void row(String setting, Function<Timings, String> value, String meaning) {
    lines.add(
        Stream.of(Failover.values())
            .map(failover -> value.apply(failover.timings()))
            .collect(joining(" | ", "| " + setting + " | ", " | " + meaning + " |")));
  }

  private static String word(Failover failover) {
    return failover.name().toLowerCase(Locale.ROOT);
  }

  private static String time(Duration duration) {
    return amount(duration) + " s";
  }

  /** The duration in seconds, to three significant digits. */
  private static String amount(Duration duration) {
    return BigDecimal.valueOf(duration.toMillis(), 3)
        .round(new MathContext(3))
        .stripTrailingZeros()
        .toPlainString();
  }
}
