package ninefold.description;

import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import ninefold.description.schema.Default;
import ninefold.description.schema.Description;
import ninefold.description.schema.DurationRange;
import ninefold.description.schema.Format;
import ninefold.description.schema.TextFormat;

/** A Hive Metastore's settings for its database and for itself. */
public record Hive(
    @Description("Hive's major version.") @Default("4") @Min(3) @Max(4) int version,
    @Description("Number of Metastores that use the database. Each opens about 30 connections.")
        @Default("2")
        @Min(1)
        @Max(100)
        int metastores,
    @Description("URIs at which clients reach the Metastores, such as thrift://metastore1:9083.")
        @Default("[]")
        @Format(TextFormat.THRIFT)
        List<String> uris,
    @Description("Location of managed tables.")
        @Default("/user/hive/warehouse")
        @Format(TextFormat.LOCATION)
        String warehouse,
    @Description("Hadoop's default file system (fs.defaultFS), for core-site.xml.")
        @Format(TextFormat.LOCATION)
        Optional<String> fileSystem,
    @Description("Folder of the configuration files on Hive's machines.")
        @Default("/etc/hive/conf")
        @Format(TextFormat.PATH)
        String folder,
    @Description("Where a Metastore finds its password.") @Default("site") PasswordPlace password,
    @Description(
            "How long one statement may take before the Metastore considers its connection dead.")
        @Default("60s")
        @DurationRange(min = "10s", max = "24h")
        Duration statementTimeout) {

  /** The maximum number of connections of one Metastore, by the pool sizes in its site files. */
  static final int CONNECTIONS_OF_A_METASTORE = 30;

  /** Keeps a copy that cannot be changed. */
  public Hive {
    uris = List.copyOf(uris);
  }

  /** The number of server connections for all Metastores together. */
  int connections() {
    return metastores * CONNECTIONS_OF_A_METASTORE;
  }

  /** Where a Metastore finds its password. */
  public enum PasswordPlace {
    @JsonProperty("site")
    @Description("In the site files, which only the Metastore's user can read.")
    SITE,
    @JsonProperty("store")
    @Description("In a Hadoop credential store next to the site files.")
    STORE
  }
}
