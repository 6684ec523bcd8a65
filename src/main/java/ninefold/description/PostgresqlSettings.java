package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/** PostgreSQL and Patroni. */
public record PostgresqlSettings(
    @Description("PostgreSQL's major version.") @Default("17") @Min(15) @Max(18) int version,
    @Description("Port of PostgreSQL.") @Default("5432") @Min(1) @Max(65535) int port,
    @Description("Port of Patroni's REST API.") @Default("8008") @Min(1) @Max(65535)
        int patroniPort,
    @Description("Prefix of Patroni's keys in etcd (Patroni's namespace).")
        @Default("/db/")
        @Format(TextFormat.KEYS)
        String namespace,
    @Description("PostgreSQL's max_connections.") @Default("100") @Min(25) @Max(10000)
        int maxConnections,
    @Description(
            "Amount of WAL by which a replica may lag behind and still be promoted"
                + " (maximum_lag_on_failover). Only used with durability async.")
        @Default("1MiB")
        @Min(0)
        Size maximumLag,
    @Description("Whether a watchdog resets the machine of a leader whose Patroni hangs.")
        @Default("automatic")
        Watchdog watchdog,
    @Description("What to do with the data of a former leader that pg_rewind cannot rewind.")
        @Default("automatic")
        DivergedData divergedData,
    @Description(
            "Classes of statements that pgaudit logs, such as: ddl, role. With none, pgaudit is not loaded.")
        @Default("none")
        @Format(TextFormat.AUDIT)
        String audit,
    @Description("PostgreSQL parameters. They override those that Ninefold derives.")
        @Default("{}")
        @Format(value = TextFormat.VALUE, keys = TextFormat.PARAMETER)
        Map<String, String> parameters,
    @Description("Replication slots that Patroni creates and keeps through failovers.")
        @Default("[]")
        List<Slot> slots,
    @Description(
            "Replication slots that Patroni ignores. It drops any other slot that is neither described"
                + " nor in use.")
        @Default("[]")
        List<IgnoredSlot> ignoreSlots) {

  /** {@code superuser_reserved_connections}, unless {@code parameters} sets it. */
  public static final int SUPERUSER_RESERVED_CONNECTIONS = 3;

  /** Whether pgaudit is loaded. */
  public boolean audited() {
    return !audit.equals("none");
  }

  /** Keeps copies that cannot be changed; parameters in order, so that files stay the same. */
  public PostgresqlSettings {
    slots = List.copyOf(slots);
    ignoreSlots = List.copyOf(ignoreSlots);
    parameters = Collections.unmodifiableSortedMap(new TreeMap<>(parameters));
  }
}
