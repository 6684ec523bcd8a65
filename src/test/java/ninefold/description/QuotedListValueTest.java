package ninefold.description;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QuotedListValueTest {
  @Test
  void names_areSplit_andFoldedToLowerCase() {
    assertThat(elements("search_path", "app, Public,$user"))
        .containsExactly("app", "public", "$user");
    assertThat(elements("temp_tablespaces", " fast ")).containsExactly("fast");
  }

  @Test
  void quotedElement_isKeptUnchanged() {
    assertThat(elements("search_path", "\"$user\", \"A, B\", \"say \"\"x\"\"\""))
        .containsExactly("$user", "A, B", "say \"x\"");
  }

  @Test
  void libraries_keepTheirCase() {
    assertThat(elements("session_preload_libraries", "auto_explain, $libdir/plugins/X"))
        .containsExactly("auto_explain", "$libdir/plugins/X");
  }

  @Test
  void emptyListOfNames_isOneEmptyElement() {
    assertThat(elements("search_path", "")).containsExactly("");
  }

  @Test
  void listThatPostgresqlSplits_isOneElement() {
    assertThat(elements("datestyle", "ISO, DMY")).containsExactly("ISO, DMY");
    assertThat(elements("app.words", "a, b")).containsExactly("a, b");
    assertThat(elements("work_mem", "8MB")).containsExactly("8MB");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a,,b", "a,", ",a", "a b", "\"a", "a\"b\"", "\"\"", "a; b"})
  void malformedList_isRefused(String value) {
    assertThat(QuotedListValue.elements("search_path", value)).isEmpty();
  }

  @Test
  void emptyListOfLibraries_isRefused() {
    assertThat(QuotedListValue.elements("session_preload_libraries", "")).isEmpty();
  }

  private static List<String> elements(String parameter, String value) {
    return QuotedListValue.elements(parameter, value).orElseThrow();
  }
}
