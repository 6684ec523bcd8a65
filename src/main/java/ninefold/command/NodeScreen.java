package ninefold.command;

import static java.util.stream.Collectors.joining;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import ninefold.command.Palette.Tone;
import ninefold.command.TextTable.Cell;
import ninefold.description.Node;
import ninefold.description.Role;
import ninefold.verdict.Answer;
import ninefold.verdict.CertificateFacts;
import ninefold.verdict.ConformityFacts;
import ninefold.verdict.Facts;
import ninefold.verdict.FactsSection;
import ninefold.verdict.Finding;
import ninefold.verdict.MachineFacts;

/**
 * The screen of {@code status NODE}.
 *
 * @param observation the observed cluster
 * @param node the machine to show
 * @param palette its colours
 */
record NodeScreen(Observation observation, Node node, Palette palette) {

  /** The findings on this machine. */
  static List<Finding> findings(Observation observation, Node node) {
    return observation.verdict().findings().stream()
        .filter(finding -> finding.node().filter(node.name()::equals).isPresent())
        .toList();
  }

  List<String> lines() {
    var lines = new ArrayList<String>();
    var found = findings(observation, node);
    var roles = node.roles().stream().map(Role::word).collect(joining(", "));
    lines.add(
        palette.paint(
            found.isEmpty() ? Tone.GOOD : Tone.WARN,
            "%s (%s, %s): %s"
                .formatted(
                    node.name(),
                    node.address(),
                    roles,
                    found.isEmpty() ? "no findings" : "findings: " + found.size())));
    lines.addAll(StatusScreen.findings(found, palette));
    if (observation.answers().get(node.name()) instanceof Answer.Received received) {
      lines.addAll(facts(received.facts()));
    } else if (found.isEmpty()
        && observation.answers().get(node.name()) instanceof Answer.Silent silent) {
      lines.add("");
      lines.add("  " + palette.paint(Tone.BAD, silent.reason()));
    }
    return lines;
  }

  private List<String> facts(Facts facts) {
    var lines = new ArrayList<String>();
    if (facts.conformity() instanceof FactsSection.Present<ConformityFacts> conformity) {
      lines.addAll(section(conformity.value().units(), "units", this::units));
    } else {
      lines.addAll(section(facts.conformity(), "conformity", it -> List.of()));
    }
    if (facts.machine() instanceof FactsSection.Present<MachineFacts> machine) {
      lines.addAll(section(machine.value().mounts(), "file systems", this::mounts));
    } else {
      lines.addAll(section(facts.machine(), "machine", it -> List.of()));
    }
    lines.addAll(section(facts.certificates(), "certificates", it -> certificates(it, facts.at())));
    if (facts.conformity() instanceof FactsSection.Present<ConformityFacts> conformity) {
      lines.addAll(section(conformity.value().packages(), "packages", this::packages));
      lines.addAll(section(conformity.value().files(), "files", this::files));
    }
    return lines;
  }

  private interface Rows<T> {
    List<String> of(T value);
  }

  private <T> List<String> section(FactsSection<T> part, String name, Rows<T> rows) {
    if (part instanceof FactsSection.Present<T> present) {
      var lines = new ArrayList<String>(List.of(""));
      lines.addAll(rows.of(present.value()));
      return lines;
    }
    return part instanceof FactsSection.Failed<T> failed
        ? List.of("", "  " + palette.paint(Tone.BAD, name + ": " + failed.reason()))
        : List.of();
  }

  private List<String> units(List<ConformityFacts.Unit> units) {
    var table = new TextTable(2).head("unit", "state", "at boot");
    units.forEach(
        unit ->
            table.row(
                Cell.of(unit.name()),
                new Cell(unit.active(), unit.active().equals("active") ? Tone.PLAIN : Tone.BAD),
                Cell.of(unit.enabled())));
    return table.lines(palette);
  }

  private List<String> mounts(List<MachineFacts.Mount> mounts) {
    var table = new TextTable(2).head("file system", "size", "free", "", "free inodes");
    mounts.forEach(
        mount ->
            table.row(
                mount.path(),
                DisplayFormat.bytes(mount.size()),
                DisplayFormat.bytes(mount.free()),
                DisplayFormat.percent(mount.free(), mount.size()),
                DisplayFormat.percent(mount.freeInodes(), mount.inodes())));
    return table.lines(palette);
  }

  private List<String> certificates(List<CertificateFacts> certificates, Instant now) {
    var table = new TextTable(2).head("certificate", "expires in", "served");
    certificates.forEach(
        it -> {
          var left = Duration.ofSeconds((long) it.ends() - now.getEpochSecond());
          table.row(
              Cell.of(it.service()),
              new Cell(left.toDays() + " d", left.isNegative() ? Tone.BAD : Tone.PLAIN),
              served(it.served()));
        });
    return table.lines(palette);
  }

  private static Cell served(FactsSection<Boolean> served) {
    if (served instanceof FactsSection.Failed<Boolean> failed) {
      return new Cell(failed.reason(), Tone.WARN);
    }
    return served
        .known()
        .map(it -> it ? Cell.of("yes") : new Cell("a different one is served", Tone.BAD))
        .orElse(Cell.of("-"));
  }

  private List<String> packages(List<ConformityFacts.Installed> packages) {
    var table = new TextTable(2).head("package", "installed", "held at");
    packages.forEach(
        it ->
            table.row(
                Cell.of(it.name()),
                it.installed().map(Cell::of).orElse(new Cell("missing", Tone.BAD)),
                Cell.of(it.wanted().orElse(""))));
    return table.lines(palette);
  }

  private List<String> files(List<ConformityFacts.Differing> files) {
    if (files.isEmpty()) {
      return List.of("  files: as the stack wrote them");
    }
    var table = new TextTable(2).head("file", "difference");
    files.forEach(it -> table.row(Cell.of(it.path()), new Cell(it.problem(), Tone.WARN)));
    return table.lines(palette);
  }
}
