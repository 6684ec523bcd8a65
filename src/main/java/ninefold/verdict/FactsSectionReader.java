package ninefold.verdict;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.deser.ContextualDeserializer;
import com.fasterxml.jackson.databind.type.TypeFactory;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** Parses a {@link FactsSection}: a value, {@code {"error": "reason"}}, or nothing. */
final class FactsSectionReader extends JsonDeserializer<FactsSection<?>>
    implements ContextualDeserializer {
  private static final String ERROR = "error";

  private final JavaType type;

  /** Creates a reader whose type Jackson sets by {@link #createContextual}. */
  FactsSectionReader() {
    this(TypeFactory.unknownType());
  }

  private FactsSectionReader(JavaType type) {
    this.type = type;
  }

  @Override
  public JsonDeserializer<?> createContextual(DeserializationContext context, BeanProperty of) {
    JavaType part = of == null ? context.getContextualType() : of.getType();
    return new FactsSectionReader(part.containedTypeOrUnknown(0));
  }

  @Override
  public FactsSection<?> deserialize(JsonParser parser, DeserializationContext context)
      throws IOException {
    JsonNode tree = context.readTree(parser);
    if (tree.size() == 1 && tree.path(ERROR).isTextual()) {
      return new FactsSection.Failed<>(tree.get(ERROR).textValue());
    }
    try {
      return new FactsSection.Present<>(unchangeable(context.readTreeAsValue(tree, type)));
    } catch (JsonProcessingException e) {
      // A section that cannot be read must not hide the others.
      return new FactsSection.Failed<>("it has an unexpected format: " + e.getOriginalMessage());
    }
  }

  private static Object unchangeable(Object value) {
    if (value instanceof List<?> list) {
      return Collections.unmodifiableList(list);
    }
    return value instanceof Map<?, ?> map ? Collections.unmodifiableMap(map) : value;
  }

  @Override
  public FactsSection<?> getNullValue(DeserializationContext context) {
    return new FactsSection.Absent<>();
  }

  @Override
  public Object getAbsentValue(DeserializationContext context) {
    return new FactsSection.Absent<>();
  }
}
