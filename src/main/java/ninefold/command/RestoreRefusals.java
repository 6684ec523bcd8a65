package ninefold.command;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import ninefold.command.Refusal.Reason;
import ninefold.description.RecoveryTarget;
import ninefold.verdict.ClusterOverview;

/** Decides from an observation whether a restore of the whole cluster may begin. */
final class RestoreRefusals {
  /** There is no restore to continue or to end. */
  static final Refusal NOTHING_UNDER_WAY =
      new Refusal(
          Reason.NO_RESTORE,
          "no restore of the whole cluster is under way",
          "to begin one: ./ninefold restore --to TARGET");

  private RestoreRefusals() {}

  /** All reasons against a restore, without those that only a database node knows. */
  static List<Refusal> of(Observation observation, RecoveryTarget target, Instant now) {
    var refusals = new ArrayList<Refusal>();
    var overview = observation.verdict().overview();
    if (RestoreNodes.candidate(observation).isEmpty()) {
      refusals.add(
          new Refusal(
              Reason.NOBODY_ANSWERS,
              "no database node that may lead answers",
              "./ninefold status shows the reason"));
    }
    if (target instanceof RecoveryTarget.Time time && time.at().toInstant().isAfter(now)) {
      refusals.add(
          new Refusal(
              Reason.NO_BACKUP,
              time + " is in the future",
              "choose a time in the past, or latest"));
    }
    if (overview.paused()) {
      refusals.add(
          new Refusal(
              Reason.PAUSED,
              "the cluster is paused, probably for manual work",
              "when that work is finished: ./ninefold resume"));
    }
    OperationRefusals.lock(observation).ifPresent(refusals::add);
    backups(overview.backups()).ifPresent(refusals::add);
    return List.copyOf(refusals);
  }

  private static Optional<Refusal> backups(Optional<ClusterOverview.Backups> backups) {
    if (backups.isEmpty()) {
      return Optional.of(
          new Refusal(
              Reason.NO_BACKUP,
              "the repository does not answer, so nothing can be restored from it",
              "./ninefold status shows the reason"));
    }
    return backups.get().running()
        ? Optional.of(
            new Refusal(
                Reason.BACKUP_RUNS,
                "a backup is running, and stopping the cluster would make it fail",
                "wait until it has finished: ./ninefold status shows whether it is running"))
        : Optional.empty();
  }

  static Refusal underWay(RestoreState state) {
    return new Refusal(
        Reason.RESTORE_RUNS,
        "a restore to %s is under way, at its stage %s"
            .formatted(state.target(), state.stage().word()),
        "./ninefold restore --continue, or --go-back");
  }
}
