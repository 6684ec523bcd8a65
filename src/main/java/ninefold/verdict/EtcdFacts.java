package ninefold.verdict;

import java.util.List;
import java.util.Optional;

/**
 * Facts about a member of etcd.
 *
 * @param id its member ID, hexadecimal
 * @param leader the ID of the leader that it reports; 0 or empty if there is none
 * @param members the members that it reports
 * @param alarms the active alarms
 * @param databaseSize the size of its data, bytes
 * @param quota the size at which it refuses writes, bytes
 * @param version its version
 * @param locks the stack's locks that are held now
 */
public record EtcdFacts(
    String id,
    Optional<String> leader,
    FactsSection<List<Member>> members,
    FactsSection<List<Alarm>> alarms,
    long databaseSize,
    long quota,
    Optional<String> version,
    FactsSection<List<Lock>> locks) {

  /** The leader's ID, if the member reports one. */
  public Optional<String> knownLeader() {
    return leader.filter(number -> !number.matches("0*"));
  }

  /**
   * A member.
   *
   * @param id its member ID
   * @param name its name; empty until it has started
   * @param peers its peer URLs
   * @param clients its client URLs
   * @param learner whether it is a learner, which has no vote
   */
  public record Member(
      String id, String name, List<String> peers, List<String> clients, boolean learner) {

    /** Makes immutable copies. */
    public Member {
      peers = List.copyOf(peers);
      clients = List.copyOf(clients);
    }
  }

  /**
   * An alarm.
   *
   * @param member the member's ID
   * @param alarm its name, as in {@code NOSPACE}
   */
  public record Alarm(String member, String alarm) {}

  /**
   * A lock.
   *
   * @param key its key in etcd
   */
  public record Lock(String key) {}
}
