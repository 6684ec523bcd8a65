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

/** An application's database. */
public record Database(
    @Description("Name of the database.") @Format(TextFormat.IDENTIFIER) String name,
    @Description("The application's user, who owns the database.") @Format(TextFormat.IDENTIFIER)
        String owner,
    @Description("Character encoding.") @Default("UTF8") @Format(TextFormat.ENCODING)
        String encoding,
    @Description(
            "Locale for sorting and character classes. It must exist on the database nodes: Debian"
                + " has C, C.UTF-8, POSIX and the locales that were generated.")
        @Default("C.UTF-8")
        @Format(TextFormat.LOCALE)
        String locale,
    @Description(
            "Extensions to create in the database. Trusted extensions go into the schema public, all"
                + " others and their dependencies into the schema extensions.")
        @Default("[]")
        @Format(TextFormat.EXTENSION)
        List<String> extensions,
    @Description(
            "When a server connection returns to the pool. If left out, session for a Metastore's"
                + " database and pooling.mode for all others.")
        Optional<PoolingSettings.Mode> pooling,
    @Description(
            "Number of server connections. If left out, 30 for each Metastore that uses the database,"
                + " or pooling.poolSize if none does.")
        @Min(1)
        @Max(10000)
        Optional<Integer> poolSize,
    @Description(
            "Number of client connections that one PgBouncer accepts for this database. If left out,"
                + " pooling.maxClients minus the pool sizes of the other databases, but at least"
                + " three quarters of pooling.maxClients.")
        @Min(1)
        @Max(100000)
        Optional<Integer> maxClients,
    @Description(
            "Number of connections that the owner may hold on the server. If left out, no limit.")
        @Min(0)
        Optional<Integer> connectionLimit,
    @Description(
            "Parameters to set for the database. Write lists as in postgresql.conf, such as: app, public.")
        @Default("{}")
        @Format(value = TextFormat.VALUE, keys = TextFormat.PARAMETER)
        Map<String, String> settings,
    @Description("Settings of the Hive Metastore that uses the database.") Optional<Hive> hive) {

  /** Keeps copies that cannot be changed; settings in order, so that files stay the same. */
  public Database {
    extensions = List.copyOf(extensions);
    settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
  }

  /** When a server connection returns to the pool: the database's setting, or the default. */
  public PoolingSettings.Mode effectiveMode(PoolingSettings pool) {
    return pooling.orElse(pool.mode());
  }

  /** The number of server connections in its pool: the database's setting, or the default. */
  public int effectivePoolSize(PoolingSettings pool) {
    return poolSize.orElse(pool.poolSize());
  }

  /** The same database with these settings of its pool and of its sessions. */
  Database withProfile(PoolingSettings.Mode mode, int size, Map<String, String> parameters) {
    return new Database(
        name,
        owner,
        encoding,
        locale,
        extensions,
        Optional.of(mode),
        Optional.of(size),
        maxClients,
        connectionLimit,
        parameters,
        hive);
  }
}
