package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.DurationRange;

/** PgBouncer on each database node. */
public record PoolingSettings(
    @Description("Port of PgBouncer.") @Default("6432") @Min(1) @Max(65535) int port,
    @Description("When a server connection returns to the pool.") @Default("transaction") Mode mode,
    @Description("Number of client connections that one PgBouncer accepts.")
        @Default("300")
        @Min(10)
        @Max(100000)
        int maxClients,
    @Description("Number of server connections for each database.")
        @Default("35")
        @Min(1)
        @Max(10000)
        int poolSize,
    @Description("Number of prepared statements to keep for each connection. 0 turns them off.")
        @Default("200")
        @Min(0)
        @Max(10000)
        int preparedStatements,
    @Description(
            "How long PgBouncer may be down on the leader before Patroni hands over to a replica.")
        @Default("10s")
        @DurationRange(min = "3s", max = "10min")
        Duration handoverAfter) {

  /** When a server connection returns to the pool. */
  public enum Mode {
    @JsonProperty("transaction")
    @Description("After each transaction.")
    TRANSACTION,
    @JsonProperty("session")
    @Description("When the client disconnects.")
    SESSION;

    /** The mode as PgBouncer's configuration writes it. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
