package ninefold.cluster;

/** Checks that no single value can fail: how the parts of a description fit together. */
final class WholeChecks {
  private WholeChecks() {}

  static void run(Cluster cluster, Problems problems) {}
}
