package ninefold.command;

import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.Style;

/**
 * Colours of a screen.
 *
 * @param enabled whether the screen shows them
 */
record Palette(boolean enabled) {
  /** As picocli decides: on a terminal, unless NO_COLOR is set. */
  static Palette ofTerminal() {
    return new Palette(Ansi.AUTO.enabled());
  }

  /** What a text means. */
  enum Tone {
    /** Nothing special. */
    PLAIN,
    /** As it should be. */
    GOOD(Style.fg_green),
    /** To be looked at. */
    WARN(Style.fg_yellow),
    /** Clients feel it. */
    BAD(Style.fg_red),
    /** A heading. */
    STRONG(Style.bold),
    /** What is read last. */
    FAINT(Style.faint);

    // Styles are constants, which the checker doesn't see.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Style[] styles;

    Tone(Style... styles) {
      this.styles = styles;
    }
  }

  /** The text in the tone's colours. What would steer the terminal is taken out of it. */
  String paint(Tone tone, String text) {
    var clean = clean(text);
    return enabled && tone != Tone.PLAIN && !clean.isEmpty()
        ? Style.on(tone.styles) + clean + Style.off(tone.styles)
        : clean;
  }

  /** Machines' words may hold anything. */
  static String clean(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
