package ninefold.description.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

class SchemaTest {
  /** The command that updates a generated file, for the message of a failed test. */
  static final String UPDATE =
      "run ./mvnw -q test-compile exec:java -Dexec.classpathScope=test -DmainClass=";

  @Test
  void isCurrent() throws IOException {
    assertThat(Files.readString(SchemaGenerator.FILE))
        .as(UPDATE + SchemaGenerator.class.getName())
        .isEqualTo(SchemaGenerator.text());
  }

  @Test
  void isAJsonSchema() throws IOException {
    assertThat(ReferenceValidator.schemaErrors()).isEmpty();
  }

  @Test
  void pageOfSettingsIsCurrent() throws IOException {
    assertThat(Files.readString(DescriptionReference.FILE))
        .as(UPDATE + DescriptionReference.class.getName())
        .isEqualTo(DescriptionReference.text(ReferenceValidator.schema()));
  }
}
