package ninefold.host;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import ninefold.render.TargetFile;
import ninefold.render.Template;

/**
 * The requirements of services to their host, which must be met before the services are set up.
 *
 * @param packages packages of the distribution
 * @param users the home directories of system users that no package creates, by user
 * @param ports the ports on which the services listen, by service
 * @param vrrp the addresses from which the host accepts VRRP advertisements
 * @param dataDirectories the directories that hold the services' data
 * @param settings kernel settings (sysctl), by name
 * @param secrets the files that contain secrets
 * @param scripts the texts of the services' scripts, by their names on machines
 * @param immutables a description of what each service keeps for life, by service; the preflight
 *     refuses a host on which it differs
 * @param environment the values of {@code node.env}, by shell variable
 * @param watched what the host's facts contain of the services
 */
public record HostRequirements(
    List<String> packages,
    Map<String, String> users,
    Map<String, OpenPort> ports,
    List<String> vrrp,
    List<String> dataDirectories,
    Map<String, String> settings,
    List<TargetFile> secrets,
    Map<String, String> scripts,
    Map<String, String> immutables,
    Map<String, String> environment,
    MonitoredServices watched) {

  /** No requirements. */
  public static final HostRequirements NONE = new Builder().build();

  /** Keeps sorted copies, so that each run renders the same text from them. */
  public HostRequirements {
    packages = packages.stream().distinct().toList();
    users = sorted(users);
    ports = sorted(ports);
    vrrp = vrrp.stream().distinct().toList();
    dataDirectories = dataDirectories.stream().distinct().toList();
    settings = sorted(settings);
    secrets = List.copyOf(secrets);
    scripts = sorted(scripts);
    immutables = sorted(immutables);
    environment = sorted(environment);
  }

  /** Returns the requirements of both; where both have a key, the other's value. */
  public HostRequirements merge(HostRequirements other) {
    return new HostRequirements(
        both(packages, other.packages),
        both(users, other.users),
        both(ports, other.ports),
        both(vrrp, other.vrrp),
        both(dataDirectories, other.dataDirectories),
        both(settings, other.settings),
        both(secrets, other.secrets),
        both(scripts, other.scripts),
        both(immutables, other.immutables),
        both(environment, other.environment),
        watched.merge(other.watched));
  }

  private static <V> List<V> both(List<V> first, List<V> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  private static <V> Map<String, V> both(Map<String, V> first, Map<String, V> second) {
    var all = new TreeMap<>(first);
    all.putAll(second);
    return all;
  }

  private static <V> Map<String, V> sorted(Map<String, V> map) {
    return Collections.unmodifiableSortedMap(new TreeMap<>(map));
  }

  /** Returns a builder without requirements. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects the requirements of one service. */
  public static final class Builder {
    private final List<String> packages = new ArrayList<>();
    private final Map<String, String> users = new TreeMap<>();
    private final Map<String, OpenPort> ports = new TreeMap<>();
    private final List<String> vrrp = new ArrayList<>();
    private final List<String> dataDirectories = new ArrayList<>();
    private final Map<String, String> settings = new TreeMap<>();
    private final List<TargetFile> secrets = new ArrayList<>();
    private final Map<String, String> scripts = new TreeMap<>();
    private final Map<String, String> immutables = new TreeMap<>();
    private final Map<String, String> environment = new TreeMap<>();
    private MonitoredServices watched = MonitoredServices.NOTHING;

    private Builder() {}

    /** Requires packages of the distribution. */
    public Builder packages(List<String> names) {
      packages.addAll(names);
      return this;
    }

    /** Requires a system user that no package creates. */
    public Builder user(String name, String home) {
      users.put(name, home);
      return this;
    }

    /**
     * Opens a TCP port.
     *
     * @param service a name that is unique on the host
     * @param number the port, 1 to 65535
     * @param sources the addresses and networks that may connect; empty for the host itself only
     */
    public Builder port(String service, int number, List<String> sources) {
      ports.put(service, new OpenPort(number, sources));
      return this;
    }

    /** Accepts VRRP from these addresses. */
    public Builder vrrp(List<String> addresses) {
      vrrp.addAll(addresses);
      return this;
    }

    /** Names a directory that holds the service's data. */
    public Builder data(String directory) {
      dataDirectories.add(directory);
      return this;
    }

    /** Sets kernel settings, by name. */
    public Builder settings(Map<String, String> values) {
      settings.putAll(values);
      return this;
    }

    /** Delivers files that contain secrets. */
    public Builder secrets(List<TargetFile> files) {
      secrets.addAll(files);
      return this;
    }

    /** Installs scripts from a folder of {@code templates/}, by their names on machines. */
    public Builder scripts(String folder, String... names) {
      for (var name : names) {
        scripts.put(name, Template.script(folder + "/" + name));
      }
      return this;
    }

    /**
     * Describes what a service keeps for life. The preflight refuses a host on which the service
     * was first installed with a different description.
     */
    public Builder immutable(String service, String description) {
      immutables.put(service, description);
      return this;
    }

    /**
     * Adds a value to {@code node.env}.
     *
     * @param name the name of a shell variable
     * @param value its value, which is quoted for the shell
     */
    public Builder environment(String name, String value) {
      environment.put(name, value);
      return this;
    }

    /** Names systemd units that must be active. */
    public Builder units(String... names) {
      return watch(new MonitoredServices(List.of(names), List.of(), Map.of()));
    }

    /** Names a certificate that the service shows or uses. */
    public Builder certificate(ServiceCertificate certificate) {
      return watch(new MonitoredServices(List.of(), List.of(certificate), Map.of()));
    }

    /**
     * Adds a section to the host's facts.
     *
     * @param folder the folder of {@code templates/} with the script {@code facts_SECTION.py}
     * @param section the section's name
     * @param parameters the script's parameters, which become JSON
     */
    public Builder facts(String folder, String section, Map<String, ?> parameters) {
      scripts(folder, "facts_" + section + ".py");
      return watch(new MonitoredServices(List.of(), List.of(), Map.of(section, parameters)));
    }

    private Builder watch(MonitoredServices additional) {
      watched = watched.merge(additional);
      return this;
    }

    /** Returns the collected requirements. */
    public HostRequirements build() {
      return new HostRequirements(
          packages,
          users,
          ports,
          vrrp,
          dataDirectories,
          settings,
          secrets,
          scripts,
          immutables,
          environment,
          watched);
    }
  }
}
