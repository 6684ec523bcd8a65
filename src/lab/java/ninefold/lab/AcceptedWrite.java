package ninefold.lab;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/**
 * A write that one node's PostgreSQL acknowledged to a client on that node.
 *
 * @param node the node
 * @param number the write's number on that node
 * @param begin when it was asked for, µs; it was accepted later than this
 * @param end when it was acknowledged, µs; it was accepted earlier than this
 * @param timeline the timeline on which it was made
 */
record AcceptedWrite(String node, int number, long begin, long end, long timeline) {
  /**
   * Whatever shows that two nodes accepted writes at the same time. Each timeline belongs to one
   * node; and once a later timeline has taken a write, an earlier one takes none.
   */
  static List<String> contradictions(List<AcceptedWrite> writes) {
    var contradictions = new ArrayList<String>();
    var owners = new HashMap<Long, AcceptedWrite>();
    var firstEnd = new HashMap<Long, AcceptedWrite>();
    for (var write : writes) {
      var owner = owners.putIfAbsent(write.timeline(), write);
      if (owner != null && !owner.node().equals(write.node())) {
        contradictions.add("two nodes wrote on one timeline: " + owner + ", " + write);
      }
      firstEnd.merge(write.timeline(), write, (a, b) -> a.end() <= b.end() ? a : b);
    }
    for (var write : writes) {
      firstEnd.values().stream()
          .filter(later -> later.timeline() > write.timeline() && later.end() < write.begin())
          .map(later -> "written after a later timeline had begun: " + write + ", after " + later)
          .forEach(contradictions::add);
    }
    return contradictions;
  }
}
