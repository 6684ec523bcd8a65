package ninefold.render;

import com.pulumi.core.Output;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The keywords of a bundle's header. A script reads the values of a keyword with {@code header
 * KEYWORD}, which prints one line for each line of the header that starts with the keyword.
 */
public enum HeaderKey {
  /** An address of this machine. */
  ADDRESS,
  /** The user who logs in for steps. */
  ADMINISTRATOR,
  /** The loopback port on which HAProxy reports that it serves. */
  ALIVE,
  /** How much WAL may wait to be archived, in MiB. */
  ARCHIVE_QUEUE,
  /** Whether PostgreSQL loads pgaudit. */
  AUDITED,
  /** A public key of the stack, as {@code TYPE KEY}; several lines. */
  AUTHORIZED,
  /** The stanza from whose backups a cluster without data is created. */
  BOOTSTRAP,
  /** The settings that are fixed when the service is first installed, as a sentence. */
  BORN,
  /** The addresses of the machines that may connect to etcd. */
  CALLERS,
  /** A digest of the bundles of all machines of a service: it changes when one of them changes. */
  CHANGE,
  /** The directory with PostgreSQL's data. It may be the mount point of a disk. */
  DISK,
  /** The folder of extensions' control files, then the extensions that the databases need. */
  EXTENSIONS,
  /** The generation of the etcd cluster. */
  GENERATION,
  /** The address and port on which PgBouncer listens. */
  LISTEN,
  /** The locales that the databases need. */
  LOCALES,
  /** The machine's identity. No script reads it; it makes every step run on a new machine. */
  MACHINE,
  /** PostgreSQL's parameter of the same name. */
  MAX_SLOT_WAL_KEEP_SIZE,
  /** PostgreSQL's parameter of the same name. */
  MAX_WAL_SIZE,
  /** The REST APIs of all Patronis, as {@code HOST:PORT}. */
  MEMBERS,
  /** The addresses of the database nodes. */
  NODES,
  /** The name in the certificate of a Patroni, then its REST API's address; several lines. */
  PATRONI,
  /** The port of sshd. */
  PORT,
  /** The ports on which HAProxy accepts clients and operators. */
  PORTS,
  /** {@code followed} on machines that may get IPv6 addresses or routes from a router. */
  ROUTERS,
  /** The name of the cluster. */
  SCOPE,
  /** A digest of the service's secrets, which the step {@code secrets} delivers. */
  SECRETS,
  /** The user, address and port of pgBackRest's server. */
  SERVER,
  /** A host key that sshd must offer, as {@code TYPE KEY}; several lines. */
  SHOWS,
  /** The name of pgBackRest's stanza. */
  STANZA,
  /** The virtual address and port that clients use, then how long to wait for it, in seconds. */
  THROUGH,
  /** A digest of Patroni's unit, its drop-ins and its pinned versions. */
  UNIT;

  /** The keyword as scripts write it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** A line of a header: the keyword and its values. */
  public String line(Object... values) {
    return Stream.of(values)
        .map(String::valueOf)
        .collect(Collectors.joining(" ", word() + " ", ""));
  }

  /** The same line as an output, for the constructor of {@link Bundle}. */
  public Output<String> of(Object... values) {
    return Output.of(line(values));
  }
}
