package ninefold.lab;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/**
 * A write that one node's PostgreSQL acknowledged to a client on that node.
 *
 * @param node the node
 * @param number the write's number on that node
 * @param begin the time of the request, µs; PostgreSQL accepted the write later
 * @param end the time of the acknowledgment, µs; PostgreSQL accepted the write earlier
 * @param timeline PostgreSQL's timeline of the write
 */
record AcceptedWrite(String node, int number, long begin, long end, long timeline) {
  /**
   * Returns the evidence that two nodes accepted writes at the same time, one line each. Each
   * timeline belongs to one node, and no write may begin on a timeline after a write on a later
   * timeline has ended.
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
