package ninefold.verdict;

import java.util.Optional;

/**
 * A problem that a check has found.
 *
 * @param check the check
 * @param node the node; empty if it concerns the whole cluster
 * @param what the problem with its figures, in one sentence
 * @param next what to do next: a command or a page of the documentation
 */
public record Finding(Check check, Optional<String> node, String what, String next) {}
