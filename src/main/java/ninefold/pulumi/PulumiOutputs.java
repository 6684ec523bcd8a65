package ninefold.pulumi;

import static java.util.Objects.requireNonNullElse;

import com.pulumi.core.Output;

/** Outputs of resources that may have no value. */
public final class PulumiOutputs {
  private PulumiOutputs() {}

  /**
   * The output's text, or an empty one. With {@code pulumi up --target}, a resource that is not a
   * target and does not exist yet has no outputs. The resources that would use the text are skipped
   * as well, so it does not matter.
   */
  public static Output<String> orEmpty(Output<String> output) {
    return output.applyValue(text -> requireNonNullElse(text, ""));
  }
}
