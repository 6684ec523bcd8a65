package ninefold.cluster;

import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;

/** PgBouncer on each database node. */
public record Pooling(
    @Doc("Port of PgBouncer.") @Default("6432") @Min(1) @Max(65535) int port,
    @Doc("When a server connection returns to the pool.") @Default("transaction") Mode mode,
    @Doc("Number of client connections that one PgBouncer accepts.")
        @Default("300")
        @Min(10)
        @Max(100000)
        int maxClients,
    @Doc("Number of server connections for each database.") @Default("35") @Min(1) @Max(10000)
        int poolSize,
    @Doc("Number of prepared statements to keep for each connection. 0 turns them off.")
        @Default("200")
        @Min(0)
        @Max(10000)
        int preparedStatements,
    @Doc("How long PgBouncer may be down on the leader before Patroni hands over to a replica.")
        @Default("10s")
        @DurationRange(min = "3s", max = "10min")
        Duration handoverAfter) {

  /** When a server connection returns to the pool. */
  public enum Mode {
    @JsonProperty("transaction")
    @Doc("After each transaction.")
    TRANSACTION,
    @JsonProperty("session")
    @Doc("When the client disconnects.")
    SESSION;

    /** The mode as PgBouncer's configuration writes it. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
