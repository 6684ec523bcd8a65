package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/**
 * An application's database.
 *
 * @param name the database
 * @param owner the application's user, who owns the database
 * @param encoding the encoding
 * @param locale the locale for sorting and character classes
 * @param extensions extensions that are created in it
 * @param pooling when server connections go back to the pool, if it is not the usual
 * @param poolSize server connections; 0 stands for the usual
 * @param maxClients client connections that one PgBouncer accepts; 0 stands for the usual
 * @param connectionLimit connections the owner may hold on the server; -1 is no limit
 * @param settings parameters set for the database
 * @param hive what a Hive Metastore is told, if it is one's database
 */
public record Database(
    @Description("Name of the database.") @Format(TextFormat.IDENTIFIER) String name,
    @Description("The application's user, who owns the database.") @Format(TextFormat.IDENTIFIER)
        String owner,
    @Description("Encoding.") @Default("UTF8") @Format(TextFormat.ENCODING) String encoding,
    @Description(
            "Locale; database nodes must have it. Debian has C, C.UTF-8 and POSIX, and what was generated there.")
        @Default("C.UTF-8")
        @Format(TextFormat.LOCALE)
        String locale,
    @Description(
            "Extensions created in it: in schema public those that PostgreSQL trusts its owner with, in"
                + " schema extensions the others and what they need.")
        @Default("[]")
        @Format(TextFormat.EXTENSION)
        List<String> extensions,
    @Description(
            "When a server connection goes back to the pool; unless given, session for Hive and"
                + " pooling.mode for others.")
        Optional<PoolingSettings.Mode> pooling,
    @Description(
            "Server connections; 0 for the usual: 30 a Metastore for Hive, pooling.poolSize for"
                + " others.")
        @Default("0")
        @Min(0)
        @Max(10000)
        int poolSize,
    @Description(
            "Client connections that one PgBouncer accepts for it; 0 for the usual: all of"
                + " pooling.maxClients but as many as the other databases' pools can serve, which"
                + " is a quarter at most.")
        @Default("0")
        @Min(0)
        @Max(100000)
        int maxClients,
    @Description("Connections the owner may hold on the server; -1 for no limit.")
        @Default("-1")
        @Min(-1)
        int connectionLimit,
    @Description(
            "Parameters set for the database; a list as in postgresql.conf, as in: app, public.")
        @Default("{}")
        @Format(value = TextFormat.VALUE, keys = TextFormat.PARAMETER)
        Map<String, String> settings,
    @Description("Makes it the database of a Hive Metastore.") Optional<Hive> hive) {

  /** Keeps copies that cannot be changed; settings in order, so that files stay the same. */
  public Database {
    extensions = List.copyOf(extensions);
    settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
  }

  /** When a server connection goes back to its pool. */
  public PoolingSettings.Mode effectiveMode(PoolingSettings pool) {
    // Hive's driver sets the isolation of its session, which must not leak to another client.
    return pooling.orElse(hive.isPresent() ? PoolingSettings.Mode.SESSION : pool.mode());
  }

  /** The server connections that its pool may hold. */
  public int effectivePoolSize(PoolingSettings pool) {
    int usual = hive.map(Hive::connections).orElse(pool.poolSize());
    return poolSize == 0 ? usual : poolSize;
  }
}
