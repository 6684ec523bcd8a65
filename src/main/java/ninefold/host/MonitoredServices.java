package ninefold.host;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a machine is to tell of its services when it is asked for facts.
 *
 * @param units units of systemd that are to run
 * @param certificates certificates that services show, or use
 * @param sections what each further section of the facts needs to know, by the section's name; the
 *     script {@code facts_NAME.py} collects it
 */
public record MonitoredServices(
    List<String> units,
    List<ServiceCertificate> certificates,
    Map<String, Map<String, ?>> sections) {

  /** Nothing at all. */
  public static final MonitoredServices NOTHING =
      new MonitoredServices(List.of(), List.of(), Map.of());

  /** Keeps copies, in order: what is rendered from them must be the same text at each run. */
  public MonitoredServices {
    units = units.stream().distinct().sorted().toList();
    certificates = List.copyOf(certificates);
    sections = Collections.unmodifiableSortedMap(new TreeMap<>(sections));
  }

  /** All that both are to tell. */
  public MonitoredServices merge(MonitoredServices other) {
    var all = new TreeMap<>(sections);
    all.putAll(other.sections);
    var shown = new ArrayList<>(certificates);
    shown.addAll(other.certificates);
    return new MonitoredServices(
        Stream.concat(units.stream(), other.units.stream()).toList(), shown, all);
  }
}
