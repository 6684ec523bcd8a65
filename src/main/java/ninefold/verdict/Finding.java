package ninefold.verdict;

import java.util.Optional;

/**
 * Something that is not as it should be.
 *
 * @param check what was checked
 * @param node the machine it concerns, if it is one
 * @param what one sentence that says what was found, with figures
 * @param next what to do: a command or a page
 */
public record Finding(Check check, Optional<String> node, String what, String next) {}
