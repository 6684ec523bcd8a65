package ninefold.verdict;

import java.util.List;
import java.util.Optional;

/**
 * A member of etcd.
 *
 * @param id its own number, hexadecimal
 * @param leader the leader's number as it knows it; 0 or empty for none
 * @param members the members as it knows them
 * @param alarms alarms
 * @param databaseSize the size of its data, bytes
 * @param quota the size at which it refuses writes, bytes
 * @param version its version
 * @param locks locks of the stack's that are held
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

  /** The leader's number, if the member knows one. */
  public Optional<String> knownLeader() {
    return leader.filter(number -> !number.matches("0*"));
  }

  /**
   * A member.
   *
   * @param id its number
   * @param name its name; empty until it has started
   * @param peers where members reach it
   * @param clients where clients reach it
   * @param learner whether it has no vote yet
   */
  public record Member(
      String id, String name, List<String> peers, List<String> clients, boolean learner) {

    /** Keeps copies that cannot be changed. */
    public Member {
      peers = List.copyOf(peers);
      clients = List.copyOf(clients);
    }
  }

  /** An alarm of a member. */
  public record Alarm(String member, String alarm) {}

  /** A lock. */
  public record Lock(String key) {}
}
