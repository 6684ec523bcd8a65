package ninefold.cluster;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** An application's database. */
public record Database(
    @Doc("Name of the database.") @Written(Form.IDENTIFIER) String name,
    @Doc("The application's user, who owns the database.") @Written(Form.IDENTIFIER) String owner,
    @Doc("Character encoding.") @Default("UTF8") @Written(Form.ENCODING) String encoding,
    @Doc(
            "Locale for sorting and character classes. It must exist on the database nodes: Debian"
                + " has C, C.UTF-8, POSIX and the locales that were generated.")
        @Default("C.UTF-8")
        @Written(Form.LOCALE)
        String locale,
    @Doc(
            "Extensions to create in the database. Trusted extensions go into the schema public, all"
                + " others and their dependencies into the schema extensions.")
        @Default("[]")
        @Written(Form.EXTENSION)
        List<String> extensions,
    @Doc(
            "When a server connection returns to the pool. If left out, session for a Metastore's"
                + " database and pooling.mode for all others.")
        Optional<Pooling.Mode> pooling,
    @Doc(
            "Number of server connections. If left out, 30 for each Metastore that uses the database,"
                + " or pooling.poolSize if none does.")
        @Min(1)
        @Max(10000)
        Optional<Integer> poolSize,
    @Doc(
            "Number of client connections that one PgBouncer accepts for this database. If left out,"
                + " pooling.maxClients minus the pool sizes of the other databases, but at least"
                + " three quarters of pooling.maxClients.")
        @Min(1)
        @Max(100000)
        Optional<Integer> maxClients,
    @Doc("Number of connections that the owner may hold on the server. If left out, no limit.")
        @Min(0)
        Optional<Integer> connectionLimit,
    @Doc(
            "Parameters to set for the database. Write lists as in postgresql.conf, such as: app, public.")
        @Default("{}")
        @Written(value = Form.VALUE, keys = Form.PARAMETER)
        Map<String, String> settings,
    @Doc("Settings of the Hive Metastore that uses the database.") Optional<Hive> hive) {

  /** Keeps copies that cannot be changed; settings in order, so that files stay the same. */
  public Database {
    extensions = List.copyOf(extensions);
    settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
  }

  /** When a server connection returns to its pool. */
  public Pooling.Mode mode(Pooling pool) {
    // Hive's driver sets the isolation of its session, which must not leak to another client.
    return pooling.orElse(hive.isPresent() ? Pooling.Mode.SESSION : pool.mode());
  }

  /** The server connections that its pool may hold. */
  public int poolSize(Pooling pool) {
    return poolSize.orElseGet(() -> hive.map(Hive::connections).orElse(pool.poolSize()));
  }
}
