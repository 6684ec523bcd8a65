package ninefold.description.schema;

/**
 * The forms that texts in a description may have.
 *
 * <p>These texts are written to configuration files and scripts. So each form lists what is
 * allowed, and excludes everything that any of those files could interpret.
 */
public enum TextFormat {
  /** A name of a cluster, a machine or a hypervisor; also a host name. */
  NAME(TextFormat.LABEL, "at most 31 lower-case letters, digits and hyphens"),
  /** A node together with its cluster, so that the text has no meaning in a different cluster. */
  CLUSTER_NODE(TextFormat.LABEL + "/" + TextFormat.LABEL, "CLUSTER/NODE, such as mine/postgres1"),
  /** A database or a role in PostgreSQL. */
  IDENTIFIER("[a-z_][a-z0-9_]{0,62}", "at most 63 lower-case letters, digits and underscores"),
  /** A replication slot. */
  SLOT("[a-z0-9_]{1,63}", "at most 63 lower-case letters, digits and underscores"),
  /** An extension of PostgreSQL. */
  EXTENSION("[a-z_][a-z0-9_-]{0,62}", "an extension's name, such as pg_stat_statements"),
  /** A user of an operating system. */
  USER("[a-z_][a-z0-9_-]{0,31}", "a user name: lower-case letters, digits, _ and -"),
  /** An IPv4 address. */
  ADDRESS(TextFormat.IPV4, "an IPv4 address, such as 192.168.100.1"),
  /** An IPv4 network. */
  CIDR(TextFormat.IPV4 + "/([0-9]|[12][0-9]|3[0-2])", "an IPv4 network, such as 192.168.100.0/24"),
  /** A host's name or address. */
  HOST("[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?", "a host name or address"),
  /** A DNS name, as certificates contain it. */
  DNS_NAME(
      "([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.){0,9}[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
      "a DNS name in lower case, such as db.example.net"),
  /** The public half of an ssh host key. */
  HOST_KEY(
      "(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)) [A-Za-z0-9+/]{40,2000}={0,2}",
      "a public key without its comment, such as: ssh-ed25519 AAAA…"),
  /** A URL without user and password, which would be a secret in plain text. */
  URL(
      "https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~%+/-]*)?",
      "a URL that starts with http:// or https:// and contains no password"),
  /** A file's path, or a web address. */
  SOURCE(
      "(https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?)?[A-Za-z0-9._~%+/-]+",
      "a path, or a URL that starts with http:// or https://"),
  /** An absolute path. */
  PATH("(/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)+", "an absolute path, such as /var/lib/libvirt/images"),
  /** A Hadoop file system, or a path on one. */
  LOCATION(
      "[a-z][a-z0-9+.-]{0,15}://[A-Za-z0-9._-]*(:[0-9]{1,5})?(/[A-Za-z0-9._=-]+)*/?"
          + "|(/[A-Za-z0-9._=-]+)+/?",
      "a path or URI, such as /user/hive/warehouse, hdfs://names:8020 or s3a://bucket/hive"),
  /** The URI of a Metastore. */
  THRIFT(
      "thrift://[A-Za-z0-9][A-Za-z0-9.-]{0,251}:[0-9]{1,5}",
      "a Metastore's URI, such as thrift://metastore1:9083"),
  /** A libvirt daemon. */
  LIBVIRT(
      "qemu:///system|qemu\\+ssh://[a-z_][a-z0-9_-]{0,31}@[A-Za-z0-9.-]+(:[0-9]{1,5})?/system",
      "qemu:///system or qemu+ssh://user@host/system"),
  /** A network interface. */
  INTERFACE("[a-z][a-z0-9._-]{0,14}", "a network interface, such as br0"),
  /** A SHA-256 checksum. */
  SHA256("[0-9a-f]{64}", "64 hexadecimal digits, as sha256sum prints"),
  /** A path of keys in etcd. */
  KEYS("(/[a-z0-9_-]+)+/?", "a path of lower-case letters and digits, such as /db/"),
  /** An encoding that PostgreSQL knows. */
  ENCODING("[A-Z][A-Z0-9_]{2,19}", "an encoding as PostgreSQL writes it, such as UTF8"),
  /** A locale. */
  LOCALE("[A-Za-z][A-Za-z0-9_.@-]{0,59}", "a locale, such as C.UTF-8 or en_US.UTF-8"),
  /** A systemd calendar expression. */
  CALENDAR(
      "[A-Za-z0-9*][A-Za-z0-9*,.:/~ -]{0,99}",
      "a systemd OnCalendar expression, such as: Sun 03:00"),
  /** The point at which recovery ends; without characters that a shell interprets. */
  RECOVERY_TARGET(
      "latest|lsn:[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}|xid:[1-9][0-9]{0,9}"
          + "|name:[A-Za-z0-9][A-Za-z0-9_.-]{0,62}"
          + "|set:[0-9]{8}-[0-9]{6}F(_[0-9]{8}-[0-9]{6}[DI])?"
          + "|[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,6})?)?"
          + "([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)",
      "latest, a time with its offset such as 2030-01-31T02:15:00Z, lsn:16/B374D848, xid:1234,"
          + " name:RESTORE_POINT, or set:BACKUP_LABEL"),
  /** The classes that pgaudit logs. */
  AUDIT(
      "none|(function|misc|role|ddl|read|write)(, (function|misc|role|ddl|read|write))*",
      "pgaudit's classes, such as: ddl, role; or none"),
  /** A parameter of PostgreSQL. */
  PARAMETER("[a-z_][a-z0-9_.]{0,62}", "a parameter's name in lower case, such as work_mem"),
  /**
   * A parameter's value: one line, without characters that some program treats as a line break,
   * that reverse the direction of text, or that YAML refuses.
   */
  VALUE(
      "[ -~\\u00a0-\\u2027\\u202f-\\u2065\\u206a-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd]{0,1000}",
      "one line of text, at most 1000 characters"),
  /** A Debian package. */
  PACKAGE("[a-z0-9][a-z0-9+.-]{1,99}", "a package name"),
  /** A package's version. */
  VERSION("[0-9][A-Za-z0-9.+:~-]{0,99}\\*?", "a version as apt writes it, such as 17.6-0+deb13u1"),
  /** A suite or a component of an apt repository. */
  SUITE("[A-Za-z0-9][A-Za-z0-9./-]{0,99}", "letters, digits, dots, slashes and hyphens"),
  /** An ASCII-armored public key. */
  PGP_KEY(
      "-----BEGIN PGP PUBLIC KEY BLOCK-----\\n([A-Za-z]+: [A-Za-z0-9+/:.,@()<> -]*\\n)*\\n?"
          + "([A-Za-z0-9+/]+={0,2}\\n)+(=[A-Za-z0-9+/]{4}\\n)?"
          + "-----END PGP PUBLIC KEY BLOCK-----\\n?",
      "an ASCII-armored public key, from -----BEGIN PGP PUBLIC KEY BLOCK----- to its END");

  /** A regular expression for IPv4 addresses; no leading zeros, which some tools read as octal. */
  public static final String IPV4 =
      "((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\\.){3}"
          + "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";

  private static final String LABEL = "[a-z]([a-z0-9-]{0,29}[a-z0-9])?";

  private final String pattern;
  private final String words;

  TextFormat(String pattern, String words) {
    this.pattern = "^(" + pattern + ")$";
    this.words = words;
  }

  /** The form as a regular expression that Java and JSON Schema both know. */
  public String pattern() {
    return pattern;
  }

  /** The form in words, for messages and editors. */
  public String words() {
    return words;
  }
}
