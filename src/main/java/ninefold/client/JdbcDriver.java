package ninefold.client;

import java.util.LinkedHashMap;
import java.util.Map;

/** The JDBC driver with which Ninefold is tested. */
public final class JdbcDriver {
  /** The driver's class. */
  public static final String CLASS = "org.postgresql.Driver";

  static final String VERSION = "42.7.14";

  private JdbcDriver() {}

  /** Returns the driver's coordinates and file name in Maven Central, and its class. */
  public static Map<String, String> origin() {
    var origin = new LinkedHashMap<String, String>();
    origin.put("coordinates", "org.postgresql:postgresql:" + VERSION);
    origin.put("file", "postgresql-" + VERSION + ".jar");
    origin.put("class", CLASS);
    return origin;
  }
}
