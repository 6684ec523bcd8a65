package ninefold.lab;

import static java.util.Comparator.comparingDouble;
import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import ninefold.verdict.Verdict;

/** The cluster that runs in the lab: its leader, its members, its data and its health. */
final class LiveCluster {
  private static final Duration HEALTHY_WITHIN = Duration.ofMinutes(2);
  private static final Duration HEALTHY_WITHIN_ONCE_BROKEN = Duration.ofSeconds(10);
  private static final Duration REPLAYED_WITHIN = Duration.ofSeconds(60);
  private static final byte[] SSL_REQUEST = {0, 0, 0, 8, 4, (byte) 0xd2, 0x16, 0x2f};
  private static final int PROBE_MILLIS = 2000;

  /** How long a healthy verdict stays valid: no test causes a fault in that time. */
  private static final Duration VERDICT_VALID_FOR = Duration.ofSeconds(2);

  private static final AtomicLong LAST_HEALTHY_NANOS =
      new AtomicLong(System.nanoTime() - VERDICT_VALID_FOR.toNanos());

  /**
   * The pause between two checks, which take processor time that the cluster needs to become
   * healthy.
   */
  private static final long BETWEEN_CHECKS_MILLIS = 500;

  private final Lab lab;
  private final StackOutputs outputs;
  private boolean broken;

  LiveCluster(Lab lab, StackOutputs outputs) {
    this.lab = lab;
    this.outputs = outputs;
  }

  List<String> databases() {
    return outputs.nodes("postgres");
  }

  List<String> etcd() {
    return outputs.nodes("etcd");
  }

  List<String> balancers() {
    return outputs.nodes("balancer");
  }

  /** Returns the leader, as Patroni reports it. */
  String leader() {
    return members().stream()
        .filter(Health.Member::isLeader)
        .map(Health.Member::name)
        .findFirst()
        .orElseThrow(() -> new LabFailure("Patroni knows of no leader"));
  }

  /** Returns the database nodes other than the leader. */
  List<String> replicas() {
    var leader = leader();
    return databases().stream().filter(node -> !node.equals(leader)).toList();
  }

  /** Returns the database node whose PostgreSQL was started last. */
  String startedLast() {
    return databases().stream()
        .max(
            comparingDouble(
                node ->
                    Double.parseDouble(
                        sql(
                            node,
                            "postgres",
                            "SELECT extract(epoch FROM pg_postmaster_start_time())"))))
        .orElseThrow();
  }

  /** Returns etcd's leader. */
  String etcdLeader() {
    var statuses =
        parseJson(
            lab.ssh(
                etcd().get(0),
                "set -a; . /etc/ninefold/etcd.env; etcdctl endpoint status --write-out=json"));
    for (var status : statuses) {
      var answer = status.get("Status");
      if (answer.get("leader").equals(answer.get("header").get("member_id"))) {
        var endpoint = status.get("Endpoint").asText();
        return etcd().stream()
            .filter(member -> endpoint.contains("//" + outputs.address(member) + ":"))
            .findFirst()
            .orElseThrow(() -> new LabFailure("no etcd member has the endpoint " + endpoint));
      }
    }
    throw new LabFailure("etcd has no leader: " + statuses);
  }

  /** Returns the balancers that hold the virtual address now. */
  List<String> holders() {
    return balancers().stream().filter(this::holdsVirtualAddress).toList();
  }

  /** Returns the one balancer that holds the virtual address. */
  String holder() {
    var holders = holders();
    if (holders.size() != 1) {
      throw new LabFailure("the virtual address is held by " + holders);
    }
    return holders.get(0);
  }

  /** Runs SQL on a node as superuser, and returns the rows as {@code psql -At} prints them. */
  String sql(String node, String database, String sql) {
    return lab.ssh(
            node,
            "cd /; timeout 20 runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -d "
                + database
                + " <<'SQL'\n"
                + sql
                + "\nSQL\n")
        .strip();
  }

  /**
   * Runs a command on the console of a node's PgBouncer, and returns each row as a map from column
   * to value.
   */
  List<Map<String, String>> pgbouncer(String node, String command) {
    var csv =
        lab.ssh(
            node,
            "cd /; runuser -u pgbouncer -- psql --csv -X -h /run/pgbouncer -p 6432 pgbouncer -c '"
                + command
                + "'");
    var lines = csv.lines().map(line -> List.of(line.split(",", -1))).toList();
    var columns = lines.get(0);
    return lines.stream()
        .skip(1)
        .map(
            row ->
                columns.stream()
                    .collect(toMap(name -> name, name -> row.get(columns.indexOf(name)))))
        .toList();
  }

  /** Requests a switchover from Patroni. */
  void switchover() {
    var leader = leader();
    lab.ssh(
        leader,
        Duration.ofSeconds(60),
        "patronictl -c /etc/patroni/config.d switchover --leader " + leader + " --force");
  }

  /** Sends a signal to the postmaster of a node. */
  void signalPostmaster(String node, String signal) {
    lab.ssh(
        node, "kill -" + signal + " \"$(head -n 1 /var/lib/postgresql/*/main/postmaster.pid)\"");
  }

  /** Sends a signal to the postmaster of a node and to all its children. */
  void signalPostgresql(String node, String signal) {
    lab.ssh(
        node,
        "main=$(head -n 1 /var/lib/postgresql/*/main/postmaster.pid); kill -"
            + signal
            + " \"$main\" $(pgrep --parent \"$main\")");
  }

  /**
   * Waits until the cluster is healthy in every respect; each test begins with this. Patroni acts
   * in rounds of {@code loop_wait}, so this starts a new round while something is still wrong.
   */
  void awaitHealthy() {
    var limit = broken ? HEALTHY_WITHIN_ONCE_BROKEN : HEALTHY_WITHIN;
    broken = true;
    Eventually.holds(
        "the cluster is healthy",
        limit,
        () -> {
          // The verdict is expensive, so compute it only once the basic checks pass.
          var problems = health().problems();
          if (problems.isEmpty()) {
            problems = findings();
          }
          if (problems.isEmpty()) {
            return Optional.empty();
          }
          databases().forEach(this::startPatroniRound);
          Eventually.pause(BETWEEN_CHECKS_MILLIS);
          return Optional.of(String.join("\n", problems));
        });
    broken = false;
  }

  /**
   * Returns the failing checks of the verdict. A healthy verdict of the last moments is reused,
   * such as that of the previous test or of an {@code up}.
   */
  private List<String> findings() {
    if (System.nanoTime() - LAST_HEALTHY_NANOS.get() < VERDICT_VALID_FOR.toNanos()) {
      return List.of();
    }
    var findings = failingChecks();
    if (findings.isEmpty()) {
      LAST_HEALTHY_NANOS.set(System.nanoTime());
    }
    return findings;
  }

  /** Records that an {@code up} has ended with a healthy verdict. */
  static void recordHealthy() {
    LAST_HEALTHY_NANOS.set(System.nanoTime());
  }

  private List<String> failingChecks() {
    return PulumiRun.description().stream()
        .flatMap(cluster -> Verdict.of(cluster, lab.facts(cluster)).failing().stream())
        .map(
            finding ->
                "%s on %s: %s"
                    .formatted(finding.check().word(), finding.node().orElse("-"), finding.what()))
        .toList();
  }

  /** Starts Patroni's next round on a node with an empty change of its configuration. */
  private void startPatroniRound(String node) {
    try {
      lab.ssh(node, api(node, "/config") + " --request PATCH --data '{\"nothing\": null}' || true");
    } catch (LabFailure e) {
      // The node is off, so there is nothing to start.
    }
  }

  Health health() {
    var members = members();
    return new Health(
        databases().size(), members, syncStates(members), silentEtcd(), unreachable(), holders());
  }

  /** Returns Patroni's members, as the first database node that answers reports them. */
  List<Health.Member> members() {
    var failures = new ArrayList<String>();
    for (var node : databases()) {
      try {
        return members(node);
      } catch (LabFailure e) {
        failures.add(e.getMessage());
      }
    }
    throw new LabFailure("Patroni answers on no node:\n" + String.join("\n", failures));
  }

  /**
   * Waits until every replica has replayed all WAL, then compares the rows of each node with the
   * acknowledgments of a client.
   */
  Map<String, WriteLog.Comparison> compare(WritingClient client) {
    awaitReplay();
    return databases().stream()
        .collect(toMap(node -> node, node -> client.log().compare(presentIds(node, client.run()))));
  }

  /** Waits until every replica has replayed the WAL that the leader has written so far. */
  void awaitReplay() {
    var leader = leader();
    var written = sql(leader, "postgres", "SELECT pg_current_wal_lsn()");
    for (var replica : replicas()) {
      Eventually.holds(
          replica + " has replayed the WAL of " + leader,
          REPLAYED_WITHIN,
          () -> {
            var replayed = sql(replica, "postgres", "SELECT pg_last_wal_replay_lsn()");
            var caughtUp =
                sql(replica, "postgres", "SELECT '" + replayed + "'::pg_lsn >= '" + written + "'");
            return caughtUp.equals("t")
                ? Optional.empty()
                : Optional.of("replayed " + replayed + " of " + written);
          });
    }
  }

  private Set<Long> presentIds(String node, long run) {
    var sql = "SELECT id FROM " + WritingClient.TABLE + " WHERE run = " + run;
    return sql(node, outputs.database(), sql).lines().map(Long::valueOf).collect(toSet());
  }

  private List<Health.Member> members(String node) {
    var members = new ArrayList<Health.Member>();
    var json = parseJson(lab.ssh(node, api(node, "/cluster")));
    for (var member : json.path("members")) {
      members.add(
          new Health.Member(
              member.path("name").asText(),
              member.path("role").asText(),
              member.path("state").asText(),
              member.path("timeline").asLong()));
    }
    return members;
  }

  /** Returns a command that sends a request to a node's Patroni. */
  private String api(String node, String path) {
    return "tls=/etc/ninefold/tls/patroni; curl --silent --show-error --fail --max-time 4"
        + " --cacert $tls/ca.crt --cert $tls/node.crt --key $tls/node.key https://"
        + outputs.address(node)
        + ":8008"
        + path;
  }

  private Map<String, String> syncStates(List<Health.Member> members) {
    return members.stream()
        .filter(Health.Member::isLeader)
        .findFirst()
        .map(
            leader ->
                sql(
                        leader.name(),
                        "postgres",
                        "SELECT application_name, sync_state FROM pg_stat_replication"
                            + " WHERE state = 'streaming' AND usename = 'replicator'")
                    .lines()
                    .map(line -> line.split("\\|", 2))
                    .collect(toMap(pair -> pair[0], pair -> pair[1], (one, other) -> other)))
        .orElse(Map.of());
  }

  private List<String> silentEtcd() {
    var json =
        lab.ssh(
            etcd().get(0),
            "set -a; . /etc/ninefold/etcd.env; etcdctl endpoint health --write-out=json || true");
    var healthy = new ArrayList<String>();
    for (var endpoint : parseJson(json)) {
      if (endpoint.path("health").asBoolean()) {
        healthy.add(endpoint.path("endpoint").asText());
      }
    }
    return etcd().stream()
        .filter(
            member ->
                healthy.stream()
                    .noneMatch(url -> url.contains("//" + outputs.address(member) + ":")))
        .toList();
  }

  private List<String> unreachable() {
    var endpoints = new ArrayList<String>();
    for (var balancer : balancers()) {
      for (var endpoint : List.of(outputs.readWrite(), outputs.readOnly())) {
        int port = Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1));
        if (!offersTls(outputs.address(balancer), port)) {
          endpoints.add(balancer + ":" + port);
        }
      }
    }
    return endpoints;
  }

  /** Returns whether a pool answers to PostgreSQL's SSLRequest. */
  private static boolean offersTls(String address, int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(address, port), PROBE_MILLIS);
      socket.setSoTimeout(PROBE_MILLIS);
      socket.getOutputStream().write(SSL_REQUEST);
      return socket.getInputStream().read() == 'S';
    } catch (IOException e) {
      return false;
    }
  }

  private boolean holdsVirtualAddress(String balancer) {
    try {
      return lab.ssh(balancer, "ip -oneline -4 address show")
          .contains(" " + outputs.virtualAddress() + "/");
    } catch (LabFailure e) {
      // The balancer is off, so it does not hold the address.
      return false;
    }
  }

  private static JsonNode parseJson(String json) {
    try {
      return new ObjectMapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new LabFailure("not JSON: " + json);
    }
  }
}
