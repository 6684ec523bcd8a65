package ninefold.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class AcceptedWriteTest {
  @Test
  void laterTimelineOnAnotherNode_isConsistent() {
    assertThat(contradictions(write("a", 10, 20, 1), write("b", 30, 40, 2))).isEmpty();
  }

  @Test
  void returnToTheFirstNodeOnALaterTimeline_isConsistent() {
    assertThat(contradictions(write("a", 10, 20, 1), write("b", 30, 40, 2), write("a", 50, 60, 3)))
        .isEmpty();
  }

  /** The write on the older timeline may have been accepted first, so an overlap proves nothing. */
  @Test
  void overlappingWrites_areConsistent() {
    assertThat(contradictions(write("a", 10, 35, 1), write("b", 30, 40, 2))).isEmpty();
  }

  @Test
  void writeOnOldTimelineAfterNewOne_isAContradiction() {
    assertThat(contradictions(write("b", 30, 40, 2), write("a", 41, 50, 1))).hasSize(1);
  }

  @Test
  void twoNodesOnOneTimeline_isAContradiction() {
    assertThat(contradictions(write("a", 10, 20, 1), write("b", 30, 40, 1))).hasSize(1);
  }

  private static List<String> contradictions(AcceptedWrite... writes) {
    return AcceptedWrite.contradictions(List.of(writes));
  }

  private static AcceptedWrite write(String node, long begin, long end, long timeline) {
    return new AcceptedWrite(node, 1, begin, end, timeline);
  }
}
