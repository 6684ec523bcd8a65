package ninefold.verdict;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Patroni on one node.
 *
 * @param own what it says about itself, {@code GET /patroni}
 * @param members what it says about the cluster, {@code GET /cluster}
 * @param configuration the settings in etcd, {@code GET /config}
 * @param described the settings that the stack put there, on the first database node
 */
public record PatroniFacts(
    FactsSection<Own> own,
    FactsSection<View> members,
    FactsSection<JsonNode> configuration,
    FactsSection<JsonNode> described) {

  /**
   * A member about itself.
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
   * The cluster as a member sees it.
   *
   * @param scope the cluster's name
   * @param members its members
   * @param pause whether Patroni lets everything be
   * @param scheduledSwitchover a switchover that waits for its time
   */
  public record View(
      Optional<String> scope,
      List<Member> members,
      Optional<Boolean> pause,
      @JsonProperty("scheduled_switchover") Optional<Switchover> scheduledSwitchover) {

    /** Keeps a copy that cannot be changed. */
    public View {
      members = List.copyOf(members);
    }

    /** Whether Patroni lets everything be. */
    public boolean paused() {
      return pause.orElse(false);
    }
  }

  /**
   * A switchover that waits for its time.
   *
   * @param at when, as Patroni writes it
   * @param from who leads until then
   * @param to who leads afterwards, if that is fixed
   */
  public record Switchover(String at, Optional<String> from, Optional<String> to) {}

  /**
   * A member of the cluster.
   *
   * @param name its name
   * @param role {@code leader}, {@code replica}, {@code sync_standby} or {@code quorum_standby}
   * @param state its state, as in {@code running} or {@code streaming}
   * @param timeline its timeline
   * @param lag how far it is behind, bytes; a text if Patroni doesn't know
   * @param pendingRestart whether a changed setting waits for a restart
   */
  public record Member(
      String name,
      String role,
      String state,
      Optional<Long> timeline,
      Optional<JsonNode> lag,
      @JsonProperty("pending_restart") Optional<Boolean> pendingRestart) {

    /** Whether it leads. */
    public boolean leads() {
      return role.equals("leader") || role.equals("standby_leader");
    }

    /** Whether a commit waits for it, or for any one like it. */
    public boolean synchronous() {
      return role.equals("sync_standby") || role.equals("quorum_standby");
    }

    /** How far it is behind, bytes; empty if Patroni doesn't know. */
    public OptionalLong lagBytes() {
      return lag.filter(JsonNode::isIntegralNumber)
          .map(bytes -> OptionalLong.of(bytes.longValue()))
          .orElse(OptionalLong.empty());
    }
  }
}
