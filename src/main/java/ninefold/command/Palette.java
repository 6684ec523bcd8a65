package ninefold.command;

import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.Style;

/**
 * The colours of a screen.
 *
 * @param enabled whether to use colours
 */
record Palette(boolean enabled) {
  /** Uses colours where picocli does: on a terminal, unless NO_COLOR is set. */
  static Palette ofTerminal() {
    return new Palette(Ansi.AUTO.enabled());
  }

  /** The meaning of a text. */
  enum Tone {
    /** No special meaning. */
    PLAIN,
    /** Good. */
    GOOD(Style.fg_green),
    /** Needs attention. */
    WARN(Style.fg_yellow),
    /** Affects clients, or may. */
    BAD(Style.fg_red),
    /** A heading. */
    STRONG(Style.bold),
    /** Secondary information. */
    FAINT(Style.faint);

    // The styles are immutable, but error-prone cannot prove it.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Style[] styles;

    Tone(Style... styles) {
      this.styles = styles;
    }
  }

  /** Colours a text, after {@link #clean}. */
  String paint(Tone tone, String text) {
    var clean = clean(text);
    return enabled && tone != Tone.PLAIN && !clean.isEmpty()
        ? Style.on(tone.styles) + clean + Style.off(tone.styles)
        : clean;
  }

  /** Replaces control characters, because text from machines could contain terminal sequences. */
  static String clean(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
