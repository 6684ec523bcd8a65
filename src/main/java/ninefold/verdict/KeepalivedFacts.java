package ninefold.verdict;

import java.util.Optional;

/**
 * Facts about Keepalived on one balancer.
 *
 * @param holds whether the machine has the virtual address
 * @param state the VRRP state, as in {@code MASTER}, {@code BACKUP} or {@code FAULT}
 * @param priority its current VRRP priority
 */
public record KeepalivedFacts(boolean holds, Optional<String> state, Optional<Integer> priority) {}
