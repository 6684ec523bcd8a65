package ninefold.verdict;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.time.Instant;
import java.util.List;

/**
 * The facts that a machine reports about itself. The section of a service that is not set up there
 * is absent.
 *
 * @param node the name under which the machine was set up
 * @param cluster the cluster's name
 * @param time the machine's time, epoch seconds
 * @param machine clock and file systems
 * @param conformity the state of what the stack applied
 * @param certificates the services' certificates
 * @param patroni Patroni, on a database node
 * @param postgresql PostgreSQL, on a database node
 * @param pgbouncer PgBouncer, on a database node
 * @param etcd a member of etcd
 * @param haproxy HAProxy, on a balancer
 * @param keepalived Keepalived, on a balancer
 * @param path a write and a read through the virtual address, from a balancer
 * @param backups pgBackRest's repository
 */
public record Facts(
    String node,
    String cluster,
    double time,
    FactsSection<MachineFacts> machine,
    FactsSection<ConformityFacts> conformity,
    FactsSection<List<CertificateFacts>> certificates,
    FactsSection<PatroniFacts> patroni,
    FactsSection<PostgresqlFacts> postgresql,
    FactsSection<PgBouncerFacts> pgbouncer,
    FactsSection<EtcdFacts> etcd,
    FactsSection<HaproxyFacts> haproxy,
    FactsSection<KeepalivedFacts> keepalived,
    FactsSection<PathFacts> path,
    FactsSection<BackupFacts> backups) {

  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(
              DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
              DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES,
              DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /**
   * Parses a machine's answer. Unknown keys are ignored.
   *
   * @throws UnreadableFactsException if the answer is not JSON, or lacks node, cluster or time
   */
  public static Facts parse(String json) throws UnreadableFactsException {
    try {
      Facts facts = MAPPER.readValue(json, Facts.class);
      if (facts == null) {
        throw new UnreadableFactsException("the answer is null", null);
      }
      return facts;
    } catch (JsonProcessingException e) {
      throw new UnreadableFactsException("the answer cannot be read: " + e.getOriginalMessage(), e);
    }
  }

  /** The machine's time when it answered. */
  public Instant at() {
    return EpochSeconds.of(time);
  }
}
