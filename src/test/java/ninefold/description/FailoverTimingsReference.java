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
            .map(it -> " `" + word(it) + "` |")
            .collect(joining("", "| |", " who |")));
    lines.add(Stream.of(Failover.values()).map(it -> "---|").collect(joining("", "|---|", "---|")));
    lines.add(
        "| meant for | one rack | one data centre | slow links; sites that share one network | |");
  }

  private void patroni() {
    row("`ttl`", it -> time(it.patroni().ttl()), "Patroni's lease in etcd");
    row("`loop_wait`", it -> time(it.patroni().loopWait()), "between Patroni's rounds");
    row(
        "`retry_timeout`",
        it -> time(it.patroni().retryTimeout()),
        "Patroni, for etcd and PostgreSQL");
    row(
        "`primary_start_timeout`",
        it -> time(it.patroni().primaryStartTimeout()),
        "a crashed leader may take this long to start");
    row(
        "`primary_stop_timeout`",
        it -> time(it.patroni().primaryStopTimeout()),
        "a synchronous leader that takes longer to stop is killed");
  }

  private void balancers() {
    row(
        "`inter`; `fastinter`; `downinter`",
        it ->
            "%s; %s; %s s"
                .formatted(
                    amount(it.healthCheck().interval()),
                    amount(it.healthCheck().fastInterval()),
                    amount(it.healthCheck().downInterval())),
        "HAProxy's checks");
    row(
        "`fall`, `rise`",
        it -> it.healthCheck().fall() + ", " + it.healthCheck().rise(),
        "HAProxy");
    row("one check at most", it -> time(it.healthCheck().timeout()), "HAProxy");
    row(
        "`advert_int`, and between its looks at HAProxy",
        it -> time(it.vrrp().advertInterval()),
        "Keepalived");
    row(
        "HAProxy answers Keepalived",
        it -> time(it.vrrp().haproxyTimeout()),
        "two looks in vain, and the address goes");
  }

  private void others() {
    row(
        "`server_login_retry`",
        it -> time(it.pooler().serverLoginRetry()),
        "PgBouncer, after a failed login (15 s unless set)");
    row(
        "`wal_sender_timeout`",
        it -> time(it.postgresql().walSenderTimeout()),
        "the leader gives up a silent replica");
    row(
        "`restore_command`",
        it -> time(it.postgresql().repositoryPingTimeout()),
        "PostgreSQL gives up a repository that is away; a promotion asks it five times");
    row(
        "retransmissions until a connection is dead",
        it -> it.kernel().retransmissions() + ": " + time(it.kernel().untilDead()),
        "kernel of database nodes and balancers");
    row(
        "etcd heartbeat, election",
        it -> time(it.etcd().heartbeat()) + ", " + time(it.etcd().election()),
        "etcd");
  }

  private void row(String setting, Function<Timings, String> value, String who) {
    lines.add(
        Stream.of(Failover.values())
            .map(it -> value.apply(it.timings()))
            .collect(joining(" | ", "| " + setting + " | ", " | " + who + " |")));
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
