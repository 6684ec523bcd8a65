package ninefold.pulumi;

import static java.util.Objects.requireNonNullElse;

import com.pulumi.core.Output;

/** What a resource of the stack gave. */
public final class PulumiOutputs {
  private PulumiOutputs() {}

  /**
   * The text. A resource that {@code pulumi up --target} leaves out, and that no run made before,
   * gives none: an empty one stands for it, since all that is made of it is left out too.
   */
  public static Output<String> orEmpty(Output<String> given) {
    return given.applyValue(text -> requireNonNullElse(text, ""));
  }
}
