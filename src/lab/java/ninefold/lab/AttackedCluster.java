package ninefold.lab;

import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/** The cluster in the lab, as attempts see it. */
final class AttackedCluster {
  private final Lab lab;
  private final StackOutputs outputs;
  private final LiveCluster live;

  AttackedCluster(Lab lab, StackOutputs outputs) {
    this.lab = lab;
    this.outputs = outputs;
    this.live = new LiveCluster(lab, outputs);
  }

  Lab lab() {
    return lab;
  }

  StackOutputs outputs() {
    return outputs;
  }

  LiveCluster live() {
    return live;
  }

  String address(String node) {
    return outputs.address(node);
  }

  String leader() {
    return live.leader();
  }

  /** A database node that does not lead. */
  String replica() {
    return live.replicas().get(0);
  }

  /**
   * Runs a script as root; what it wrote to its standard output. A failure of it fails the test.
   */
  String root(String node, String script) {
    return lab.ssh(node, script);
  }

  /** Runs a script as another user; what it wrote, errors included, whether it failed or not. */
  String as(String node, String user, String script) {
    return lab.ssh(
        node,
        "cd /; runuser -u %s -- timeout 30 bash -s <<'END_OF_ATTEMPT' 2>&1 || true\n%s\nEND_OF_ATTEMPT"
            .formatted(user, script));
  }

  /** Runs a script as root; what it wrote, errors included, whether it failed or not. */
  String tried(String node, String script) {
    return as(node, "root", script);
  }

  /** What a statement of the superuser answers on the leader. */
  String sql(String database, String statement) {
    return live.sql(live.leader(), database, statement);
  }

  /** Whether a role is superuser: {@code t} or {@code f}. */
  String isSuperuser(String role) {
    return sql("postgres", "SELECT rolsuper FROM pg_roles WHERE rolname = '" + role + "'");
  }

  /** Whether a machine has such a file. */
  boolean exists(String node, String file) {
    return lab.ssh(node, "test -e '%s' && echo yes || echo no".formatted(file)).equals("yes");
  }

  /**
   * An {@code up} that gives the steps something to do.
   *
   * @param name of the description's file
   * @param change what is changed in the lab's description
   */
  void up(String name, UnaryOperator<String> change) {
    Path changed = ChangeSuite.description(name, change);
    ChangeSuite.told("up: " + name, PulumiRun.up().describedBy(changed).run().succeeded());
  }

  /** An {@code up} of the lab's own description. */
  void upAsBefore() {
    ChangeSuite.told("up: as before", PulumiRun.up().run().succeeded());
  }

  List<String> nodes() {
    return ChangeSuite.NODES;
  }
}
