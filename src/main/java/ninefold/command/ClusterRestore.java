package ninefold.command;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import ninefold.command.Palette.Tone;
import ninefold.command.RestoreStages.StageFailure;
import ninefold.command.RestoreState.Stage;
import ninefold.description.RecoveryTarget;

/**
 * Restores the whole cluster in place: one node from a backup and the archived WAL, the others from
 * a backup of that node.
 *
 * @param stages runs the stages on the machines
 * @param planOnly whether to stop after the plan ({@code --plan})
 * @param agreed whether to skip the question ({@code --yes})
 */
record ClusterRestore(RestoreStages stages, boolean planOnly, boolean agreed) {
  private static final Duration BETWEEN_OBSERVATIONS = Duration.ofSeconds(1);

  /** The number of observations until the new state is printed even if it is not healthy. */
  private static final int OBSERVATIONS = 30;

  /** Begins a restore. Returns the command's exit code. */
  int begin(RecoveryTarget target, Optional<String> set) {
    try {
      var observation = stages.connection().observe();
      var refusals = RestoreRefusals.of(observation, target, stages.console().clock().instant());
      if (!refusals.isEmpty()) {
        return stages.refuse(refusals);
      }
      var underWay = stages.underWay();
      if (underWay.isPresent()) {
        return stages.refuse(List.of(RestoreRefusals.underWay(underWay.get())));
      }
      var nodes = RestoreNodes.of(observation);
      if (!nodes.silent().isEmpty()) {
        var words = new ArrayList<>(List.of("require-gone"));
        words.addAll(nodes.silent());
        stages.recover(nodes.first(), words.toArray(String[]::new));
      }
      var words = new ArrayList<>(List.of(target.toString()));
      set.ifPresent(words::add);
      var plan = stages.plan(nodes.first(), words);
      if (plan.refused().isPresent()) {
        return stages.refuse(
            List.of(new Refusal(Refusal.Reason.NO_BACKUP, plan.refused().get(), plan.next())));
      }
      return confirmed(effects(target, plan, nodes))
          .orElseGet(() -> act(state(target, plan, nodes), nodes));
    } catch (StageFailure e) {
      return stages.fail(e, Optional.empty());
    }
  }

  private RestoreState state(RecoveryTarget target, RestorePlan plan, RestoreNodes nodes) {
    return new RestoreState(
        id(),
        target.toString(),
        plan.timeline(),
        plan.labels(),
        nodes.first(),
        nodes.leader().orElse(nodes.first()),
        nodes.answering(),
        Stage.STOP_CLIENTS);
  }

  private String id() {
    return "t" + stages.console().clock().instant().getEpochSecond();
  }

  private List<String> effects(RecoveryTarget target, RestorePlan plan, RestoreNodes nodes) {
    var lines = new ArrayList<String>();
    lines.add(
        "The whole cluster returns to %s, from backup %s%s."
            .formatted(
                target,
                plan.labels().get(0),
                plan.labels().size() > 1 ? " or an older one that reaches it" : ""));
    lines.add(lost(target, plan));
    lines.add(
        "Clients are disconnected, and can't connect until the restore has ended. PostgreSQL stops"
            + " on: "
            + String.join(", ", nodes.answering())
            + ".");
    lines.add(
        "%s is restored, leads on a new timeline, and is backed up; the others are restored from"
                .formatted(nodes.first())
            + " that backup.");
    if (!nodes.silent().isEmpty()) {
      lines.add(
          "These nodes do not answer, and do not take part: %s. When they are back: ./ninefold reinit"
                  .formatted(String.join(", ", nodes.silent()))
              + " NODE.");
    }
    if (nodes.leader().isEmpty()) {
      lines.add("There is no leader: WAL that is not in the archive can't be restored afterwards.");
    }
    return lines;
  }

  private String lost(RecoveryTarget target, RestorePlan plan) {
    var now = stages.console().clock().instant();
    if (target instanceof RecoveryTarget.Time time) {
      return "All changes of the last %s, in all databases, are discarded."
          .formatted(span(Duration.between(time.at().toInstant(), now)));
    } else if (target instanceof RecoveryTarget.Latest) {
      return "Changes that are not in the archive are discarded.";
    } else if (target instanceof RecoveryTarget.BackupSet) {
      return "All changes since the end of that backup, %s ago, in all databases, are discarded."
          .formatted(span(Duration.between(plan.ended(), now)));
    }
    return "All changes after %s, in all databases, are discarded.".formatted(target);
  }

  /** A duration such as {@code 1 h 2 min 3 s}. */
  static String span(Duration time) {
    var text = new StringBuilder();
    if (time.toHours() > 0) {
      text.append(time.toHours()).append(" h ");
    }
    if (time.toMinutes() > 0) {
      text.append(time.toMinutesPart()).append(" min ");
    }
    return text.append(time.toSecondsPart()).append(" s").toString();
  }

  /** Prints the effects and asks. Returns an exit code if the command ends here. */
  private Optional<Integer> confirmed(List<String> effects) {
    var console = stages.console();
    console.print(effects);
    if (planOnly) {
      return Optional.of(ExitCode.DONE);
    }
    if (agreed || (console.terminal() && console.confirm("Continue?"))) {
      return Optional.empty();
    }
    return Optional.of(
        stages.refuse(
            List.of(
                new Refusal(
                    Refusal.Reason.NOT_CONFIRMED,
                    console.terminal()
                        ? "you did not confirm"
                        : "there is no terminal to ask for confirmation",
                    "use --yes to skip the question"))));
  }

  private int act(RestoreState state, RestoreNodes nodes) {
    try {
      if (nodes.leader().isPresent()) {
        stages.recover(nodes.leader().get(), "archive");
      }
      stages.recover(state.node(), "begin", state.json());
    } catch (StageFailure e) {
      return stages.fail(e, Optional.empty());
    }
    return proceed(state);
  }

  /** Continues a restore that was interrupted. Returns the command's exit code. */
  int resume() {
    try {
      var underWay = stages.underWay();
      if (underWay.isEmpty()) {
        return stages.refuse(List.of(RestoreRefusals.NOTHING_UNDER_WAY));
      }
      var state = underWay.get();
      return confirmed(
              List.of(
                  "The restore to %s continues at its stage %s."
                      .formatted(state.target(), state.stage().word())))
          .orElseGet(() -> proceed(state));
    } catch (StageFailure e) {
      return stages.fail(e, Optional.empty());
    }
  }

  /** Ends a restore that was interrupted. Returns the command's exit code. */
  int goBack() {
    try {
      var underWay = stages.underWay();
      if (underWay.isEmpty()) {
        return stages.refuse(List.of(RestoreRefusals.NOTHING_UNDER_WAY));
      }
      var state = underWay.get();
      return state.touched() ? restoreOldTimeline(state) : startAgain(state);
    } catch (StageFailure e) {
      return stages.fail(e, Optional.empty());
    }
  }

  private int startAgain(RestoreState state) {
    return confirmed(List.of("No data has been changed yet: the cluster starts again as it was."))
        .orElseGet(
            () -> {
              try {
                stages.startAgain(state);
              } catch (StageFailure e) {
                return stages.fail(e, Optional.of(state.stage()));
              }
              return show();
            });
  }

  /** Restores all archived WAL of the timeline that the cluster was on. */
  private int restoreOldTimeline(RestoreState state) throws StageFailure {
    var plan =
        stages.plan(state.node(), List.of("latest", "newest", String.valueOf(state.timeline())));
    if (plan.refused().isPresent()) {
      throw new StageFailure(plan.refused().get() + "\n" + plan.next());
    }
    var back =
        new RestoreState(
            id(),
            "latest",
            state.timeline(),
            plan.labels(),
            state.node(),
            state.former(),
            state.nodes(),
            Stage.STOP_CLIENTS);
    return confirmed(
            List.of(
                "The cluster returns to the end of timeline %d, from backup %s: all its WAL was archived before the restore began."
                    .formatted(state.timeline(), plan.labels().get(0))))
        .orElseGet(
            () -> {
              try {
                stages.recover(state.node(), "replace", state.id(), back.json());
              } catch (StageFailure e) {
                return stages.fail(e, Optional.of(state.stage()));
              }
              return proceed(back);
            });
  }

  private int proceed(RestoreState begun) {
    for (var stage : Stage.values()) {
      if (stage.compareTo(begun.stage()) < 0) {
        continue;
      }
      try {
        stages.run(begun.at(stage));
      } catch (StageFailure e) {
        return stages.fail(e, Optional.of(stage));
      }
    }
    try {
      stages.recover(begun.node(), "end");
    } catch (StageFailure e) {
      return stages.fail(e, Optional.of(Stage.START_CLIENTS));
    }
    return show();
  }

  /** Waits until clients can write and the cluster has settled, and prints its members. */
  private int show() {
    var connection = stages.connection();
    var console = stages.console();
    var observation = connection.observe();
    for (int i = 0; i < OBSERVATIONS && !observation.verdict().failing().isEmpty(); i++) {
      if (!console.pause().sleep(BETWEEN_OBSERVATIONS)) {
        break;
      }
      observation = connection.observeInNextCycle();
    }
    var verdict = observation.verdict();
    console.print("");
    console.print(MembersTable.of(verdict.overview()).lines(console.palette()));
    console.print("");
    console.print(
        console
            .palette()
            .paint(
                verdict.failing().isEmpty() ? Tone.GOOD : StatusScreen.tone(verdict.state()),
                connection.cluster().name() + ": " + verdict.line()));
    return ExitCode.DONE;
  }
}
