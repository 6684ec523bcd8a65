package ninefold.host;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a host's facts contain of its services.
 *
 * @param units systemd units that must be active
 * @param certificates the certificates that services show or use
 * @param sections the parameters of the script {@code facts_SECTION.py}, by section
 */
public record MonitoredServices(
    List<String> units,
    List<ServiceCertificate> certificates,
    Map<String, Map<String, ?>> sections) {

  /** No services. */
  public static final MonitoredServices NOTHING =
      new MonitoredServices(List.of(), List.of(), Map.of());

  /** Keeps sorted copies, so that each run renders the same text from them. */
  public MonitoredServices {
    units = units.stream().distinct().sorted().toList();
    certificates = List.copyOf(certificates);
    sections = Collections.unmodifiableSortedMap(new TreeMap<>(sections));
  }

  /** Returns the services of both. */
  public MonitoredServices merge(MonitoredServices other) {
    var all = new TreeMap<>(sections);
    all.putAll(other.sections);
    var allCertificates = new ArrayList<>(certificates);
    allCertificates.addAll(other.certificates);
    return new MonitoredServices(
        Stream.concat(units.stream(), other.units.stream()).toList(), allCertificates, all);
  }
}
