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
 * What tells whether a machine was touched: each unit's and process's start and last change, each
 * file's times and content.
 *
 * @param entries what was seen, by node and thing, as in {@code etcd1 file /etc/hosts}
 */
record Footprint(Map<String, String> entries) {
  /**
   * One line a thing, its name before a tab. A unit's last change of state tells of a reload too;
   * of processes those are told that live as long as their service.
   */
  private static final String LOOK =
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

  /** What a machine's owner would see: files, units, ports, users; of files no times. */
  private static final String INVENTORY =
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

  /** Looks at whether nodes were touched, at all of them at once. */
  static Footprint of(Lab lab, Collection<String> nodes) {
    return of(lab, nodes, LOOK);
  }

  /** Looks at what there is on nodes, at all of them at once. */
  static Footprint inventory(Lab lab, Collection<String> nodes) {
    return of(lab, nodes, INVENTORY);
  }

  private static Footprint of(Lab lab, Collection<String> nodes, String script) {
    var looks =
        nodes.stream()
            .collect(
                toMap(
                    identity(),
                    node -> CompletableFuture.supplyAsync(() -> lab.ssh(node, LIMIT, script))));
    var entries = new TreeMap<String, String>();
    looks.forEach(
        (node, look) ->
            look.join()
                .lines()
                .map(line -> line.split("\t", 2))
                .forEach(
                    pair -> entries.put(node + " " + pair[0], pair.length == 1 ? "" : pair[1])));
    return new Footprint(entries);
  }

  /** What is not the same afterwards, a line each. */
  List<String> differences(Footprint after) {
    var differences = new ArrayList<String>();
    entries.forEach(
        (thing, was) -> {
          var is = after.entries.get(thing);
          if (is == null) {
            differences.add("gone: " + thing);
          } else if (!is.equals(was)) {
            differences.add("changed: " + thing + "\n    from " + was + "\n    to   " + is);
          }
        });
    after.entries.keySet().stream()
        .filter(thing -> !entries.containsKey(thing))
        .forEach(thing -> differences.add("new: " + thing));
    return differences;
  }

  /** The services that run anew, as in {@code etcd1 etcd}; PostgreSQL is {@code postmaster}. */
  Set<String> restarted(Footprint after) {
    var restarted = new TreeSet<String>();
    entries.forEach(
        (thing, was) -> {
          var words = thing.split(" ", -1);
          var is = after.entries.getOrDefault(thing, "");
          if (words[1].equals("unit") && !runOf(was).equals(runOf(is))) {
            restarted.add(words[0] + " " + words[2]);
          } else if (words[2].equals("patroni/postgres") && !was.equals(is)) {
            restarted.add(words[0] + " postmaster");
          }
        });
    return restarted;
  }

  /** The services that were told to read their settings again, and ran on. */
  Set<String> reloaded(Footprint after) {
    var reloaded = new TreeSet<String>();
    entries.forEach(
        (thing, was) -> {
          var words = thing.split(" ", -1);
          var is = after.entries.getOrDefault(thing, "");
          if (words[1].equals("unit") && !was.equals(is) && runOf(was).equals(runOf(is))) {
            reloaded.add(words[0] + " " + words[2]);
          }
        });
    return reloaded;
  }

  private static String runOf(String unit) {
    return unit.replaceFirst("StateChangeTimestampMonotonic=\\d+", "");
  }

  /** Only the things whose name, after the node's, starts with this word. */
  Footprint only(String kind) {
    var some = new TreeMap<>(entries);
    some.keySet().removeIf(thing -> !thing.split(" ", -1)[1].equals(kind));
    return new Footprint(some);
  }
}
