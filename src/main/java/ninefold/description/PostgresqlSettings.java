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

/**
 * PostgreSQL and Patroni.
 *
 * @param version PostgreSQL's major version, from the repository that the description names
 * @param port PostgreSQL's port
 * @param restPort the port of Patroni's REST API
 * @param namespace the prefix of Patroni's keys in etcd
 * @param maxConnections PostgreSQL's {@code max_connections}
 * @param maximumLag how far behind a replica may be and still be promoted, when replication is
 *     asynchronous, bytes
 * @param watchdog what fences a leader whose Patroni does not act
 * @param divergedData what becomes of data that can't be rewound
 * @param audit what pgaudit writes down
 * @param parameters PostgreSQL's parameters; they override what is derived from the memory
 * @param slots replication slots that Patroni makes and keeps; any other goes, once nobody uses it
 * @param ignoreSlots replication slots that Patroni leaves alone
 */
public record PostgresqlSettings(
    @Description("Major version of PostgreSQL.") @Default("17") @Min(15) @Max(18) int version,
    @Description("Port of PostgreSQL.") @Default("5432") @Min(1) @Max(65535) int port,
    @Description("Port of Patroni's REST API.") @Default("8008") @Min(1) @Max(65535) int restPort,
    @Description("Prefix of Patroni's keys in etcd.") @Default("/db/") @Format(TextFormat.KEYS)
        String namespace,
    @Description("PostgreSQL's max_connections.") @Default("100") @Min(25) @Max(10000)
        int maxConnections,
    @Description(
            "Bytes that a replica may lack and still be promoted; of no meaning when synchronous.")
        @Default("1048576")
        @Min(0)
        long maximumLag,
    @Description(
            "Whether a watchdog resets the machine of a leader whose Patroni does not act any more.")
        @Default("automatic")
        Watchdog watchdog,
    @Description("What becomes of the data of a former leader that can't be rewound.")
        @Default("automatic")
        DivergedData divergedData,
    @Description("What pgaudit writes into the log, as in: ddl, role; none leaves it out.")
        @Default("none")
        @Format(TextFormat.AUDIT)
        String audit,
    @Description("PostgreSQL parameters that override the derived ones.")
        @Default("{}")
        @Format(value = TextFormat.VALUE, keys = TextFormat.PARAMETER)
        Map<String, String> parameters,
    @Description("Replication slots that Patroni makes, and keeps through failovers.")
        @Default("[]")
        List<Slot> slots,
    @Description(
            "Replication slots that Patroni leaves alone; any other that is not described is dropped once"
                + " nobody uses it.")
        @Default("[]")
        List<IgnoredSlot> ignoreSlots) {

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
