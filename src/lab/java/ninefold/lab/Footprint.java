package ninefold.lab;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.toMap;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;

/**
 * The state of machines, to detect changes: the start and last change of each unit and process, and
 * the times and content of each file.
 *
 * @param entries the observed values by node and object, for example {@code etcd1 file /etc/hosts}
 */
record Footprint(Map<String, String> entries) {
  /**
   * Prints a line per object: its name, a tab, its state. A reload also changes the time of a
   * unit's last state change. Only processes that live as long as their service are listed.
   */
  private static final String STATE_SCRIPT =
      """
      services='etcd patroni pgbouncer pgbouncer-watch haproxy keepalived pgbackrest chrony
        ssh ninefold-firewall systemd-journald systemd-networkd'
      for service in $services; do
        systemctl show "$service.service" \
          -p InvocationID -p NRestarts -p MainPID -p StateChangeTimestampMonotonic |
          sort | paste -sd' ' | sed "s/^/unit $service\\t/"
        processes=/sys/fs/cgroup/system.slice/$service.service/cgroup.procs
        [[ -e $processes ]] || continue
        main=$(systemctl show "$service.service" -p MainPID --value)
        for pid in $(<"$processes"); do
          name=$(cat "/proc/$pid/comm" 2>/dev/null) || continue
          parent=$(awk '/^PPid/ { print $2 }' "/proc/$pid/status" 2>/dev/null) || continue
          case $service/$name in
            patroni/postgres) [[ $parent == 1 || $parent == "$main" ]] || continue ;;
            haproxy/haproxy | keepalived/keepalived) ;;
            *) [[ $pid == "$main" ]] || continue ;;
          esac
          awk -v what="process $service/$name $pid" \
            '{ sub(/^.*\\) /, ""); print what "\\tstarted at tick " $20 }' "/proc/$pid/stat" || true
        done
      done
      for timer in pgbackrest-full pgbackrest-diff pgbackrest-keep; do
        systemctl show "$timer.timer" -p ActiveEnterTimestampMonotonic | sed "s/^/unit $timer.timer\\t/"
      done
      places=(/etc /usr/local /usr/sbin/policy-rc.d)
      for place in /var/lib/ninefold /root /home /var/lib/postgresql/*/main/*.conf; do
        [[ ! -e $place ]] || places+=("$place")
      done
      printf 'rules of the firewall\t%s\n' "$(nft list ruleset 2>/dev/null | sed 's/packets [0-9]* bytes [0-9]*//' | sha256sum)"
      find "${places[@]}" -xdev -printf 'file %p\\t%y %M %u:%g %s %T@ %C@ %l\\n' 2>/dev/null || true
      find "${places[@]}" -xdev -type f -exec sha256sum {} + 2>/dev/null |
        awk '{ sum = $1; sub(/^[^ ]* +/, ""); print "content " $0 "\\t" sum }' || true
      """;

  private static final Duration LIMIT = Duration.ofMinutes(2);

  /**
   * Prints what the owner of a machine would see: files without their times, units, ports, users.
   */
  private static final String INVENTORY_SCRIPT =
      """
      systemctl is-system-running --wait >/dev/null || true
      # Users are told below; here lie their backups too.
      find /etc /usr/local -xdev -not -regex '/etc/\\(passwd\\|group\\|g?shadow\\|sub[ug]id\\|.pwd.lock\\)-?' \
        -printf 'file %p\\t%y %M %u:%g %l\\n' 2>/dev/null || true
      find /etc /usr/local -xdev -type f -not -regex '/etc/\\(passwd\\|group\\|g?shadow\\|sub[ug]id\\)-?' \
        -exec sha256sum {} + 2>/dev/null |
        awk '{ sum = $1; sub(/^[^ ]* +/, ""); print "content " $0 "\\t" sum }' || true
      systemctl list-unit-files --no-legend --plain |
        awk '{ print "unit-file " $1 "\\t" $2 }'
      systemctl list-units --type=service,timer,socket --state=active --no-legend --plain |
        awk '$1 !~ /^(user|session|run-)/ { print "active " $1 "\\t" }'
      ss -Hltnu | awk '{ print "port " $1 " " $5 "\\t" }'
      getent passwd | awk -F: '{ print "user " $1 "\\t" $6 }'
      ps -e -o user=,comm= | awk '$1 !~ /^(root|admin|systemd|message|nobody)/ { print "process " $0 "\\t" }'
      """;

  /** Takes the footprint of nodes, of all at once. */
  static Footprint of(Lab lab, Collection<String> nodes) {
    return of(lab, nodes, STATE_SCRIPT);
  }

  /** Takes the inventory of nodes, of all at once. */
  static Footprint inventory(Lab lab, Collection<String> nodes) {
    return of(lab, nodes, INVENTORY_SCRIPT);
  }

  private static Footprint of(Lab lab, Collection<String> nodes, String script) {
    var outputs =
        nodes.stream()
            .collect(
                toMap(
                    identity(),
                    node -> CompletableFuture.supplyAsync(() -> lab.ssh(node, LIMIT, script))));
    var entries = new TreeMap<String, String>();
    outputs.forEach(
        (node, output) ->
            output
                .join()
                .lines()
                .map(line -> line.split("\t", 2))
                .forEach(
                    pair -> entries.put(node + " " + pair[0], pair.length == 1 ? "" : pair[1])));
    return new Footprint(entries);
  }

  /** Returns the differences to a later footprint, a line each. */
  List<String> differences(Footprint after) {
    var differences = new ArrayList<String>();
    entries.forEach(
        (object, was) -> {
          var is = after.entries.get(object);
          if (is == null) {
            differences.add("gone: " + object);
          } else if (!is.equals(was)) {
            differences.add("changed: " + object + "\n    from " + was + "\n    to   " + is);
          }
        });
    after.entries.keySet().stream()
        .filter(object -> !entries.containsKey(object))
        .forEach(object -> differences.add("new: " + object));
    return differences;
  }

  /**
   * Returns the services that have restarted, for example {@code etcd1 etcd}; PostgreSQL is {@code
   * postmaster}.
   */
  Set<String> restarted(Footprint after) {
    var restarted = new TreeSet<String>();
    entries.forEach(
        (object, was) -> {
          var words = object.split(" ", -1);
          var is = after.entries.getOrDefault(object, "");
          if (words[1].equals("unit") && !invocation(was).equals(invocation(is))) {
            restarted.add(words[0] + " " + words[2]);
          } else if (words[2].equals("patroni/postgres") && !was.equals(is)) {
            restarted.add(words[0] + " postmaster");
          }
        });
    return restarted;
  }

  /** Returns the services that were reloaded without a restart. */
  Set<String> reloaded(Footprint after) {
    var reloaded = new TreeSet<String>();
    entries.forEach(
        (object, was) -> {
          var words = object.split(" ", -1);
          var is = after.entries.getOrDefault(object, "");
          if (words[1].equals("unit")
              && !was.equals(is)
              && invocation(was).equals(invocation(is))) {
            reloaded.add(words[0] + " " + words[2]);
          }
        });
    return reloaded;
  }

  private static String invocation(String unit) {
    return unit.replaceFirst("StateChangeTimestampMonotonic=\\d+", "");
  }

  /** Returns only the objects of a kind, for example {@code process}. */
  Footprint ofKind(String kind) {
    var some = new TreeMap<>(entries);
    some.keySet().removeIf(object -> !object.split(" ", -1)[1].equals(kind));
    return new Footprint(some);
  }
}
