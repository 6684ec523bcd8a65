package ninefold.description;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import ninefold.description.schema.Default;
import ninefold.description.schema.Doc;
import ninefold.description.schema.Form;
import ninefold.description.schema.Written;

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
    @Doc("Name of the database.") @Written(Form.IDENTIFIER) String name,
    @Doc("The application's user, who owns the database.") @Written(Form.IDENTIFIER) String owner,
    @Doc("Encoding.") @Default("UTF8") @Written(Form.ENCODING) String encoding,
    @Doc(
            "Locale; database nodes must have it. Debian has C, C.UTF-8 and POSIX, and what was generated there.")
        @Default("C.UTF-8")
        @Written(Form.LOCALE)
        String locale,
    @Doc(
            "Extensions created in it: in schema public those that PostgreSQL trusts its owner with, in"
                + " schema extensions the others and what they need.")
        @Default("[]")
        @Written(Form.EXTENSION)
        List<String> extensions,
    @Doc(
            "When a server connection goes back to the pool; unless given, session for Hive and"
                + " pooling.mode for others.")
        Optional<Pooling.Mode> pooling,
    @Doc(
            "Server connections; 0 for the usual: 30 a Metastore for Hive, pooling.poolSize for"
                + " others.")
        @Default("0")
        @Min(0)
        @Max(10000)
        int poolSize,
    @Doc(
            "Client connections that one PgBouncer accepts for it; 0 for the usual: all of"
                + " pooling.maxClients but as many as the other databases' pools can serve, which"
                + " is a quarter at most.")
        @Default("0")
        @Min(0)
        @Max(100000)
        int maxClients,
    @Doc("Connections the owner may hold on the server; -1 for no limit.") @Default("-1") @Min(-1)
        int connectionLimit,
    @Doc("Parameters set for the database; a list as in postgresql.conf, as in: app, public.")
        @Default("{}")
        @Written(value = Form.VALUE, keys = Form.PARAMETER)
        Map<String, String> settings,
    @Doc("Makes it the database of a Hive Metastore.") Optional<Hive> hive) {

  /** Keeps copies that cannot be changed; settings in order, so that files stay the same. */
  public Database {
    extensions = List.copyOf(extensions);
    settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
  }

  /** When a server connection goes back to its pool. */
  public Pooling.Mode mode(Pooling pool) {
    // Hive's driver sets the isolation of its session, which must not leak to another client.
    return pooling.orElse(hive.isPresent() ? Pooling.Mode.SESSION : pool.mode());
  }

  /** The server connections that its pool may hold. */
  public int poolSize(Pooling pool) {
    int usual = hive.map(Hive::connections).orElse(pool.poolSize());
    return poolSize == 0 ? usual : poolSize;
  }
}
