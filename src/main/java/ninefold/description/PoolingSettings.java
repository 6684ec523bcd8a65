package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;

/**
 * PgBouncer, beside each PostgreSQL.
 *
 * @param port its port
 * @param mode when a server connection goes back to the pool
 * @param maxClients client connections that one PgBouncer accepts
 * @param poolSize server connections for each database and user
 * @param preparedStatements prepared statements kept for each connection, so that JDBC's work
 * @param handoverAfter how long PgBouncer may stay dead on the leader before another node leads, s
 */
public record PoolingSettings(
    @Description("Port of PgBouncer.") @Default("6432") @Min(1) @Max(65535) int port,
    @Description("When a server connection goes back to the pool.") @Default("transaction")
        Mode mode,
    @Description("Client connections that one PgBouncer accepts.")
        @Default("300")
        @Min(10)
        @Max(100000)
        int maxClients,
    @Description("Server connections for each database.") @Default("35") @Min(1) @Max(10000)
        int poolSize,
    @Description("Prepared statements kept for each connection; 0 turns them off.")
        @Default("200")
        @Min(0)
        @Max(10000)
        int preparedStatements,
    @Description("Seconds that PgBouncer may stay dead on the leader before another node leads.")
        @Default("10")
        @Min(3)
        @Max(600)
        int handoverAfter) {

  /** When a server connection goes back to the pool. */
  public enum Mode {
    /** After each transaction. */
    @JsonProperty("transaction")
    @Description("After each transaction.")
    TRANSACTION,
    /** When the client leaves. */
    @JsonProperty("session")
    @Description("When the client leaves.")
    SESSION;

    /** PgBouncer's word. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }
}
