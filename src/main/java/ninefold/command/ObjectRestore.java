package ninefold.command;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import ninefold.description.Database;

/**
 * Restores a table or a database: makes a copy beside the leader, dumps the object as its owner,
 * loads it as its owner, and removes the copy.
 *
 * @param scripts runs the scripts on the leader's machine
 * @param object what to restore
 * @param request the copy to restore it from
 */
record ObjectRestore(CopyScripts scripts, RestoredObject object, CopyRequest request) {

  /** Returns the command's exit code. */
  int run(boolean plan, boolean yes) {
    var refusal = notDescribed();
    if (refusal.isPresent()) {
      return scripts.refuse(refusal.get(), "choose one of: " + described());
    }
    var console = scripts.console();
    var future = CopyTimes.refusal(request.to(), console.clock().instant());
    if (future.isPresent()) {
      return scripts.refuse(future.get(), "choose a time in the past, or: --to latest");
    }
    var leader = new CopyNode(scripts.connection().observe()).leader();
    if (leader.isEmpty()) {
      return scripts.refuse(
          "the cluster has no leader that answers",
          "docs/operations/failover.md, There is no leader");
    }
    var planned = plan(leader.get());
    if (planned != ExitCode.DONE || plan) {
      return planned;
    }
    if (!yes && !console.terminal()) {
      return scripts.refuse(
          "there is no terminal to ask for confirmation", "use --yes to skip the question");
    }
    if (!yes && !console.confirm("Continue?")) {
      return scripts.refuse("you did not confirm", "answer y, or use --yes");
    }
    return act(leader.get());
  }

  private Optional<String> notDescribed() {
    return databases().contains(object.database())
        ? Optional.empty()
        : Optional.of("the description has no database " + object.database());
  }

  private String described() {
    return databases().stream().collect(joining(", "));
  }

  private List<String> databases() {
    return scripts.connection().cluster().databases().stream().map(Database::name).toList();
  }

  private int plan(String leader) {
    var checked = scripts.plan(leader, load("check-" + object.verb()));
    return checked == ExitCode.DONE
        ? scripts.plan(leader, CopyCommand.words("plan", request))
        : checked;
  }

  private int act(String leader) {
    CopyCommand.archive(scripts, Optional.of(leader));
    var made = scripts.run(leader, CopyCommand.words("create", request));
    if (made != ExitCode.DONE) {
      return made;
    }
    var loaded = scripts.run(leader, load(object.verb()));
    var removed = scripts.run(leader, List.of("copy-from-backup", "remove"));
    return loaded == ExitCode.DONE ? removed : loaded;
  }

  private List<String> load(String verb) {
    var words = new ArrayList<>(List.of("copy-load", verb));
    words.addAll(object.arguments());
    return List.copyOf(words);
  }
}
