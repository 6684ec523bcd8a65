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
 * What services need of the machine they run on, before they are set up.
 *
 * @param packages packages of the distribution
 * @param users system users beside those that packages bring, with their home directories
 * @param ports the ports they listen on, by service
 * @param vrrp the addresses of the machines whose VRRP advertisements are for this one
 * @param dataDirectories where their data lies
 * @param settings kernel settings
 * @param secrets files that hold secrets
 * @param scripts the scripts of their steps, by name
 * @param immutables what they are born with and keep for life, in words, by service
 * @param environment what their scripts read of the machine, by the names of shell variables
 * @param watched what the machine tells of them
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

  /** Nothing at all. */
  public static final HostRequirements NONE = new Builder().build();

  /** Keeps copies, in order: what is rendered from them must be the same text at each run. */
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

  /** The needs of both. */
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

  private static <V> List<V> both(List<V> one, List<V> other) {
    return Stream.concat(one.stream(), other.stream()).toList();
  }

  private static <V> Map<String, V> both(Map<String, V> one, Map<String, V> other) {
    var all = new TreeMap<>(one);
    all.putAll(other);
    return all;
  }

  private static <V> Map<String, V> sorted(Map<String, V> map) {
    return Collections.unmodifiableSortedMap(new TreeMap<>(map));
  }

  /** Needs are named one by one; what is not named is not needed. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects needs. */
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

    /** Packages of the distribution. */
    public Builder packages(List<String> names) {
      packages.addAll(names);
      return this;
    }

    /** A system user that no package brings. */
    public Builder user(String name, String home) {
      users.put(name, home);
      return this;
    }

    /** A port on which it listens, by a name that tells services apart. */
    public Builder port(String service, int number, List<String> callers) {
      ports.put(service, new OpenPort(number, callers));
      return this;
    }

    /** VRRP from these addresses. */
    public Builder vrrp(List<String> addresses) {
      vrrp.addAll(addresses);
      return this;
    }

    /** A directory for its data. */
    public Builder data(String directory) {
      dataDirectories.add(directory);
      return this;
    }

    /** Kernel settings. */
    public Builder settings(Map<String, String> values) {
      settings.putAll(values);
      return this;
    }

    /** Files that hold secrets. */
    public Builder secrets(List<TargetFile> files) {
      secrets.addAll(files);
      return this;
    }

    /** Its steps' scripts, by the names that they have on machines. */
    public Builder scripts(String folder, String... names) {
      for (var name : names) {
        scripts.put(name, Template.script(folder + "/" + name));
      }
      return this;
    }

    /** What it is born with: a machine on which it was born with something else is refused. */
    public Builder immutable(String service, String words) {
      immutables.put(service, words);
      return this;
    }

    /**
     * What its scripts read of the machine.
     *
     * @param name the name of a shell variable
     */
    public Builder environment(String name, String value) {
      environment.put(name, value);
      return this;
    }

    /** Units of its own, which are to run. */
    public Builder units(String... names) {
      return watch(new MonitoredServices(List.of(names), List.of(), Map.of()));
    }

    /** A certificate that it shows or uses. */
    public Builder certificate(ServiceCertificate certificate) {
      return watch(new MonitoredServices(List.of(), List.of(certificate), Map.of()));
    }

    /**
     * A section of the machine's facts.
     *
     * @param folder the service of {@code templates/} that has its script
     * @param section its name
     * @param wanted what the script needs to know
     */
    public Builder facts(String folder, String section, Map<String, ?> wanted) {
      scripts(folder, "facts_" + section + ".py");
      return watch(new MonitoredServices(List.of(), List.of(), Map.of(section, wanted)));
    }

    private Builder watch(MonitoredServices further) {
      watched = watched.merge(further);
      return this;
    }

    /** All that was named. */
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
