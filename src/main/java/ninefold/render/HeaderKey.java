package ninefold.render;

import com.pulumi.core.Output;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The keywords of bundles' headers. A script reads what follows one by {@code header KEYWORD}; of a
 * keyword that stands on several lines, a line each.
 */
public enum HeaderKey {
  /** An address of this machine. */
  ADDRESS,
  /** The user who logs in for steps. */
  ADMINISTRATOR,
  /** The loopback port on which HAProxy says that it serves. */
  ALIVE,
  /** Whether PostgreSQL loads pgaudit. */
  AUDITED,
  /** A public key of the stack, as {@code TYPE KEY}; several lines. */
  AUTHORIZED,
  /** What the service keeps for life, in words. */
  BORN,
  /** The addresses of the machines that may hold connections to etcd. */
  CALLERS,
  /** A digest that all machines of a service share; it changes when one of their bundles does. */
  CHANGE,
  /** The directory that holds PostgreSQL's data, perhaps a disk's own. */
  DISK,
  /** The folder of extensions' control files, then the extensions that databases need. */
  EXTENSIONS,
  /** The number of the etcd cluster that the description asks for. */
  GENERATION,
  /** The address and port on which PgBouncer listens. */
  LISTEN,
  /** The locales that databases need. */
  LOCALES,
  /** The machine's identity. No script reads it: every step runs again on a machine made anew. */
  MACHINE,
  /** PostgreSQL's parameter of that name. */
  MAX_SLOT_WAL_KEEP_SIZE,
  /** PostgreSQL's parameter of that name. */
  MAX_WAL_SIZE,
  /** Where each database node's Patroni has its REST API, as {@code HOST:PORT}. */
  MEMBERS,
  /** The name in the certificate of a Patroni, then where its REST API is; several lines. */
  PATRONI,
  /** The port of sshd. */
  PORT,
  /** The ports on which HAProxy accepts clients and operators. */
  PORTS,
  /** {@code followed} on machines that may have IPv6 addresses or routes from a router. */
  ROUTERS,
  /** The name of the cluster. */
  SCOPE,
  /** A digest of the service's secrets, which the step {@code secrets} delivers. */
  SECRETS,
  /** The user, address and port of pgBackRest's server. */
  SERVER,
  /** A host key that sshd is to show, as {@code TYPE KEY}; several lines. */
  SHOWS,
  /** The name of pgBackRest's stanza. */
  STANZA,
  /** The virtual address and port that a client uses, then how long to wait for it, s. */
  THROUGH,
  /** A digest of Patroni's unit, its drop-ins and the versions at which it is held. */
  UNIT;

  /** The keyword as scripts know it. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** A line of a header. */
  public String line(Object... values) {
    return Stream.of(values)
        .map(String::valueOf)
        .collect(Collectors.joining(" ", word() + " ", ""));
  }

  /** The same for a bundle. */
  public Output<String> of(Object... values) {
    return Output.of(line(values));
  }
}
