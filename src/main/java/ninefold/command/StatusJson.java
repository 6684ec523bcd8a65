package ninefold.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import ninefold.verdict.Answer;
import ninefold.verdict.ClusterOverview;
import ninefold.verdict.Finding;

/**
 * The output of {@code status --json}. Keys may be added but never removed, and an unknown value is
 * null. docs/operations/status.md describes the keys.
 */
final class StatusJson {
  private static final double NANOS = 1e9;

  private StatusJson() {}

  /** Formats the object on one line or, indented, on several. */
  static String text(Observation observation, Instant at, boolean oneLine) {
    var tree = of(observation, at);
    return oneLine ? tree.toString() : tree.toPrettyString();
  }

  static ObjectNode of(Observation observation, Instant at) {
    var verdict = observation.verdict();
    var overview = verdict.overview();
    var root = JsonNodeFactory.instance.objectNode();
    root.put("cluster", observation.cluster().name());
    root.put("at", at.toString());
    root.put("state", verdict.state().word());
    root.put("exitCode", verdict.state().exitCode());
    root.put("line", verdict.line());
    each(root, "findings", verdict.findings(), StatusJson::finding);
    root.put("leader", overview.leader().orElse(null));
    root.put("paused", overview.paused());
    each(root, "members", overview.members(), StatusJson::member);
    path(root.putObject("path"), observation, overview);
    each(root, "pools", overview.pools(), StatusJson::pool);
    each(root, "etcd", overview.etcd(), StatusJson::etcd);
    overview.backups().ifPresentOrElse(it -> backups(root, it), () -> root.putNull("backups"));
    each(root, "certificates", overview.certificates(), StatusJson::certificate);
    machines(root.putArray("machines"), observation);
    return root;
  }

  private static <T> void each(
      ObjectNode parent, String key, Iterable<T> values, BiConsumer<ObjectNode, T> write) {
    var array = parent.putArray(key);
    values.forEach(value -> write.accept(array.addObject(), value));
  }

  private static void finding(ObjectNode node, Finding finding) {
    node.put("check", finding.check().word());
    node.put("area", finding.check().area().word());
    node.put("effect", finding.check().effect().word());
    node.put("node", finding.node().orElse(null));
    node.put("what", finding.what());
    node.put("next", finding.next());
  }

  private static void member(ObjectNode node, ClusterOverview.Member member) {
    node.put("name", member.name());
    node.put("role", member.role());
    node.put("state", member.state());
    number(node, "timeline", member.timeline());
    number(node, "lagBytes", member.lag());
    node.put("sync", member.sync().orElse(null));
    node.put("pendingRestart", member.pendingRestart());
  }

  private static void path(ObjectNode node, Observation observation, ClusterOverview overview) {
    node.put("virtualAddress", observation.cluster().network().virtualAddress());
    var holders = node.putArray("holders");
    overview.holders().forEach(holders::add);
    node.put("writeSeconds", overview.write().map(StatusJson::seconds).orElse(null));
    node.put("readSeconds", overview.read().map(StatusJson::seconds).orElse(null));
    node.put("readFrom", overview.readFrom().orElse(null));
    each(node, "balancers", overview.balancers(), StatusJson::balancer);
  }

  private static void balancer(ObjectNode node, ClusterOverview.Balancer balancer) {
    node.put("name", balancer.name());
    node.put("answers", balancer.answers());
    node.put("holds", balancer.holds());
    node.put("sessions", balancer.sessions());
    node.put("limit", balancer.limit());
    each(
        node,
        "servers",
        balancer.servers(),
        (server, it) ->
            server
                .put("backend", it.backend())
                .put("name", it.name())
                .put("up", it.up())
                .put("sessions", it.sessions()));
  }

  private static void pool(ObjectNode node, ClusterOverview.Pool pool) {
    node.put("node", pool.node());
    node.put("answers", pool.answers());
    node.put("waiting", pool.waiting());
    node.put("longestSeconds", seconds(pool.longest()));
  }

  private static void etcd(ObjectNode node, ClusterOverview.EtcdMember member) {
    node.put("node", member.node());
    node.put("answers", member.answers());
    node.put("leads", member.leads());
    number(node, "sizeBytes", member.size());
    if (member.quotaPercent().isPresent()) {
      node.put("quotaPercent", member.quotaPercent().getAsInt());
    } else {
      node.putNull("quotaPercent");
    }
  }

  private static void backups(ObjectNode root, ClusterOverview.Backups backups) {
    var node = root.putObject("backups");
    node.put("count", backups.count());
    node.put("running", backups.running());
    number(node, "waitingSegments", backups.waiting());
    backups
        .newest()
        .ifPresentOrElse(it -> backup(node, "newest", it), () -> node.putNull("newest"));
    backups
        .oldest()
        .ifPresentOrElse(it -> backup(node, "oldest", it), () -> node.putNull("oldest"));
    backups
        .window()
        .ifPresentOrElse(
            it ->
                node.putObject("window")
                    .put("from", it.from().toString())
                    .put("until", it.until().map(Instant::toString).orElse(null))
                    .put("segment", it.segment()),
            () -> node.putNull("window"));
    each(
        node,
        "gaps",
        backups.gaps(),
        (gap, it) ->
            gap.put("first", it.first()).put("last", it.last()).put("segments", it.segments()));
  }

  private static void backup(ObjectNode parent, String key, ClusterOverview.Backup backup) {
    parent
        .putObject(key)
        .put("label", backup.label())
        .put("type", backup.type())
        .put("ended", backup.ended().toString())
        .put("ageSeconds", backup.age().toSeconds())
        .put("sizeBytes", backup.size())
        .put("error", backup.error());
  }

  private static void certificate(ObjectNode node, ClusterOverview.Certificate certificate) {
    node.put("node", certificate.node());
    node.put("service", certificate.service());
    node.put("daysLeft", certificate.daysLeft());
  }

  private static void machines(ArrayNode machines, Observation observation) {
    var drift = Drift.of(observation);
    observation
        .answers()
        .forEach(
            (name, answer) -> {
              var machine = machines.addObject();
              machine.put("name", name);
              machine.put("silent", answer instanceof Answer.Silent it ? it.reason() : null);
              var files = drift.files().get(name);
              if (files == null) {
                machine.putNull("drift");
                return;
              }
              each(
                  machine,
                  "drift",
                  files,
                  (node, file) -> {
                    node.put("path", file.path()).put("problem", file.problem());
                    var lines = node.putArray("lines");
                    file.lines().forEach(lines::add);
                  });
            });
  }

  private static void number(ObjectNode node, String key, OptionalLong value) {
    if (value.isPresent()) {
      node.put(key, value.getAsLong());
    } else {
      node.putNull(key);
    }
  }

  private static double seconds(Duration duration) {
    return duration.getSeconds() + duration.getNano() / NANOS;
  }
}
