package ninefold.description.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ninefold.description.reader.Rendering.Reader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The comparison that {@link HostileDescriptionsTest} uses. */
class RenderingTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '§',
      value = {
        "LINES | name app  | app2       | name app2",
        "NONE  | app       | $(id)      | $(id)",
        "YAML  | a: app    | {in: true} | a: '{in: true}'",
        "YAML  | [app, b]  | '          | [\"'\", b]",
        "SQL   | = 'app';  | '; DROP    | = '''; DROP';",
        "XML   | <a>app</a>| <b/>       | <a>&lt;b/&gt;</a>",
      })
  void textThatStaysInPlace_isHarmless(Reader reader, String before, String hostile, String now) {
    assertThat(same(reader, before, hostile, now)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '§',
      value = {
        "LINES | name app     | $(id)      | name $(id)",
        "LINES | name \"app\" | $(id)      | name \"$(id)\"",
        "LINES | name app     | app2       | name app2 more",
        "NONE  | u=app        | $(id)      | u=$(id)",
        "YAML  | a: app       | {in: true} | a: {in: true}",
        "YAML  | a: app       | true       | a: true",
        "YAML  | [app, b]     | c, d       | [c, d, b]",
        "YAML  | c: run app   | ; id       | c: run ; id",
        "SQL   | = 'app';     | '; DROP    | = ''; DROP';",
        "XML   | <a>app</a>   | <b/>       | <a><b/></a>",
        "XML   | <a>u=app</a> | &x=1       | <a>u=&amp;x=1</a>",
        "XML   | <a b='app'/> | c' d='     | <a b='c' d=''/>",
      })
  void textThatIsInterpreted_isNotHarmless(
      Reader reader, String before, String hostile, String now) {
    assertThat(same(reader, before, hostile, now)).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '§',
      value = {
        "YAML | a: app      | {a: x, a: x}",
        "YAML | a: app      | a: {",
        "JSON | [\"app\"]   | ['x']",
        "XML  | <a>app</a>  | <a>x",
      })
  void malformedRendering_isAFailure(Reader reader, String before, String now) {
    assertThatThrownBy(() -> same(reader, before, "x", now)).isInstanceOf(AssertionError.class);
  }

  private static boolean same(Reader reader, String before, String hostile, String now) {
    return new Rendering(reader, now).differsOnlyIn(new Rendering(reader, before), "app", hostile);
  }
}
