package ninefold.client;

import java.util.LinkedHashMap;
import java.util.Map;

/** The JDBC driver that this cluster is tested with. */
public final class JdbcDriver {
  /** The class that programs name. */
  public static final String CLASS = "org.postgresql.Driver";

  static final String VERSION = "42.7.14";

  private JdbcDriver() {}

  /** Where it comes from: its coordinates in Maven Central, and what its file is called there. */
  public static Map<String, String> origin() {
    var origin = new LinkedHashMap<String, String>();
    origin.put("coordinates", "org.postgresql:postgresql:" + VERSION);
    origin.put("file", "postgresql-" + VERSION + ".jar");
    origin.put("class", CLASS);
    return origin;
  }
}
