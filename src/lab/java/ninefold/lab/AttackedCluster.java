package ninefold.lab;

import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/** The cluster in the lab, with the operations that attempts need. */
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

  /** A database node that is not the leader. */
  String replica() {
    return live.replicas().get(0);
  }

  /** Runs a script as root and returns its standard output. If the script fails, the test fails. */
  String root(String node, String script) {
    return lab.ssh(node, script);
  }

  /** Runs a script as a user and returns its output, errors included, whether it failed or not. */
  String as(String node, String user, String script) {
    return lab.ssh(
        node,
        "cd /; runuser -u %s -- timeout 30 bash -s <<'END_OF_ATTEMPT' 2>&1 || true\n%s\nEND_OF_ATTEMPT"
            .formatted(user, script));
  }

  /** Runs a script as root and returns its output, errors included, whether it failed or not. */
  String asRoot(String node, String script) {
    return as(node, "root", script);
  }

  /** Runs a statement on the leader as superuser and returns its result. */
  String sql(String database, String statement) {
    return live.sql(live.leader(), database, statement);
  }

  /** Returns {@code t} if a role is a superuser, otherwise {@code f}. */
  String isSuperuser(String role) {
    return sql("postgres", "SELECT rolsuper FROM pg_roles WHERE rolname = '" + role + "'");
  }

  /** Returns whether a file exists on a machine. */
  boolean exists(String node, String file) {
    return lab.ssh(node, "test -e '%s' && echo yes || echo no".formatted(file)).equals("yes");
  }

  /**
   * Runs {@code up} with a changed description, so that steps have something to do.
   *
   * @param name the name of the changed description's file
   * @param change changes the text of the lab's description
   */
  void up(String name, UnaryOperator<String> change) {
    Path changed = ChangeSuite.description(name, change);
    ChangeSuite.timed("up: " + name, PulumiRun.up().describedBy(changed).run().succeeded());
  }

  /** Runs {@code up} with the lab's own description. */
  void upAsBefore() {
    ChangeSuite.timed("up: the lab's own description", PulumiRun.up().run().succeeded());
  }

  List<String> nodes() {
    return ChangeSuite.NODES;
  }
}
