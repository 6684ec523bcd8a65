package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.util.List;
import java.util.Optional;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/**
 * What a Hive Metastore is to be told about its database, and about itself.
 *
 * @param version Hive's major version
 * @param metastores Metastores that work on the database
 * @param uris where clients reach them
 * @param warehouse where managed tables lie
 * @param fileSystem Hadoop's default file system
 * @param folder the folder of the configuration on Hive's machines
 * @param password where a Metastore finds its password
 * @param statementLimit how long one statement may take, s
 */
public record Hive(
    @Description("Major version of Hive.") @Default("4") @Min(3) @Max(4) int version,
    @Description("Metastores that work on the database; each opens about 30 connections.")
        @Default("2")
        @Min(1)
        @Max(100)
        int metastores,
    @Description("Where clients reach the Metastores, as in thrift://metastore1:9083.")
        @Default("[]")
        @Format(TextFormat.THRIFT)
        List<String> uris,
    @Description("Where managed tables lie.")
        @Default("/user/hive/warehouse")
        @Format(TextFormat.LOCATION)
        String warehouse,
    @Description("Hadoop's default file system, for core-site.xml.") @Format(TextFormat.LOCATION)
        Optional<String> fileSystem,
    @Description("Folder of the configuration on Hive's machines.")
        @Default("/etc/hive/conf")
        @Format(TextFormat.PATH)
        String folder,
    @Description("Where a Metastore finds its password.") @Default("site") PasswordPlace password,
    @Description("Seconds one statement may take; then its connection counts as dead.")
        @Default("60")
        @Min(10)
        @Max(86400)
        int statementLimit) {

  /** What one Metastore's pools hold at most, by the sizes that its site files give them. */
  static final int CONNECTIONS_OF_A_METASTORE = 30;

  /** Keeps a copy that cannot be changed. */
  public Hive {
    uris = List.copyOf(uris);
  }

  /** The server connections that all Metastores together are given. */
  int connections() {
    return metastores * CONNECTIONS_OF_A_METASTORE;
  }

  /** Where a Metastore finds its password. */
  public enum PasswordPlace {
    /** In the site files. */
    @JsonProperty("site")
    @Description("In the site files, which only the Metastore's user may read.")
    SITE,
    /** In a credential store of Hadoop's. */
    @JsonProperty("store")
    @Description("In a credential store of Hadoop's beside them.")
    STORE
  }
}
