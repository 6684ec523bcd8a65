package ninefold.verdict;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Facts about Patroni on one node.
 *
 * @param own the member itself, {@code GET /patroni}
 * @param members its view of the cluster, {@code GET /cluster}
 * @param configuration the settings in etcd, {@code GET /config}
 * @param described the settings that the stack wrote to etcd; only on the first database node
 */
public record PatroniFacts(
    FactsSection<Own> own,
    FactsSection<View> members,
    FactsSection<JsonNode> configuration,
    FactsSection<JsonNode> described) {

  /**
   * The state that a member reports about itself.
   *
   * @param state its state, as in {@code running}
   * @param role its role, as in {@code primary} or {@code replica}
   * @param timeline its timeline
   * @param pendingRestart whether a changed setting waits for a restart
   */
  public record Own(
      String state,
      String role,
      Optional<Long> timeline,
      @JsonProperty("pending_restart") Optional<Boolean> pendingRestart) {}

  /**
   * A member's view of the cluster.
   *
   * @param scope the cluster's name
   * @param members its members
   * @param pause whether Patroni is paused
   * @param scheduledSwitchover a scheduled switchover
   */
  public record View(
      Optional<String> scope,
      List<Member> members,
      Optional<Boolean> pause,
      @JsonProperty("scheduled_switchover") Optional<Switchover> scheduledSwitchover) {

    /** Makes an immutable copy. */
    public View {
      members = List.copyOf(members);
    }

    /** Whether Patroni is paused. */
    public boolean paused() {
      return pause.orElse(false);
    }
  }

  /**
   * A scheduled switchover.
   *
   * @param at the time, in the format of Patroni
   * @param from the leader until then
   * @param to the next leader, if it is fixed
   */
  public record Switchover(String at, Optional<String> from, Optional<String> to) {}

  /**
   * A member of the cluster.
   *
   * @param name its name
   * @param role {@code leader}, {@code replica}, {@code sync_standby} or {@code quorum_standby}
   * @param state its state, as in {@code running} or {@code streaming}
   * @param timeline its timeline
   * @param lag its lag in bytes; a text if Patroni does not know it
   * @param pendingRestart whether a changed setting waits for a restart
   */
  public record Member(
      String name,
      String role,
      String state,
      Optional<Long> timeline,
      Optional<JsonNode> lag,
      @JsonProperty("pending_restart") Optional<Boolean> pendingRestart) {

    /** Whether it is the leader. */
    public boolean leads() {
      return role.equals("leader") || role.equals("standby_leader");
    }

    /** Whether commits wait for it, or for a quorum that includes it. */
    public boolean synchronous() {
      return role.equals("sync_standby") || role.equals("quorum_standby");
    }

    /** Its lag in bytes; empty if Patroni does not know it. */
    public OptionalLong lagBytes() {
      return lag.filter(JsonNode::isIntegralNumber)
          .map(bytes -> OptionalLong.of(bytes.longValue()))
          .orElse(OptionalLong.empty());
    }
  }
}
