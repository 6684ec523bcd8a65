package ninefold.verdict;

import java.util.Optional;

/**
 * Keepalived on one balancer.
 *
 * @param holds whether the machine holds the virtual address
 * @param state Keepalived's word, as in {@code MASTER}, {@code BACKUP} or {@code FAULT}
 * @param priority its priority now
 */
public record KeepalivedFacts(boolean holds, Optional<String> state, Optional<Integer> priority) {}
