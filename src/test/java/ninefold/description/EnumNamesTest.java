package ninefold.description;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The names that values of an enum have in a description. */
class EnumNamesTest {
  /** {@code word()} and messages derive the name from the constant, so both must agree. */
  @Test
  void nameInTheDescription_isTheConstantInLowerCase() {
    List<JavaField> constants =
        new ClassFileImporter()
            .importPackages("ninefold.description").stream()
                .filter(JavaClass::isEnum)
                .flatMap(type -> type.getFields().stream())
                .filter(field -> field.isAnnotatedWith(JsonProperty.class))
                .toList();

    assertThat(constants).hasSizeGreaterThan(20);
    assertThat(constants)
        .allSatisfy(
            constant ->
                assertThat(constant.getAnnotationOfType(JsonProperty.class).value())
                    .isEqualTo(constant.getName().toLowerCase(Locale.ROOT)));
  }
}
