package ninefold.description.schema;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import ninefold.description.Cluster;
import ninefold.description.Size;
import ninefold.description.problem.Problems;
import ninefold.description.problem.SourceLines;
import ninefold.description.reader.YamlDocument;

/** Generates the JSON Schema of descriptions from the records and their annotations. */
public final class SchemaGenerator {
  public static final Path FILE = Path.of("stacks" + DescriptionSchema.RESOURCE);

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final ObjectNode definitions = MAPPER.createObjectNode();
  private final List<String> pending = new ArrayList<>();

  private SchemaGenerator() {}

  /** Writes the schema to its file. */
  public static void main(String[] args) throws IOException {
    Files.writeString(FILE, text());
  }

  /** The content of the schema's file. */
  static String text() throws IOException {
    DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
    printer.indentArraysWith(DefaultPrettyPrinter.NopIndenter.instance);
    printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
    return MAPPER.writer(printer).writeValueAsString(new SchemaGenerator().schema()) + "\n";
  }

  private ObjectNode schema() {
    ObjectNode schema = MAPPER.createObjectNode();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("title", "Ninefold cluster");
    schema.setAll(record(Cluster.class));
    schema.set("$defs", definitions);
    return schema;
  }

  private ObjectNode record(Class<?> type) {
    ObjectNode schema = MAPPER.createObjectNode();
    description(type).ifPresent(text -> schema.put("description", text));
    schema.put("type", "object");
    schema.put("additionalProperties", false);
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = MAPPER.createArrayNode();
    for (RecordComponent component : type.getRecordComponents()) {
      // The accessor has all annotations of its component. The component itself lacks those of
      // jakarta.validation.
      Method accessor = component.getAccessor();
      properties.set(component.getName(), component(accessor));
      if (!accessor.isAnnotationPresent(Default.class) && component.getType() != Optional.class) {
        required.add(component.getName());
      }
    }
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    return schema;
  }

  private ObjectNode component(Method component) {
    ObjectNode schema = MAPPER.createObjectNode();
    schema.put(
        "description",
        description(component)
            .orElseThrow(() -> new IllegalStateException(component + " has no @Description")));
    schema.setAll(type(component.getGenericReturnType(), component));
    Default value = component.getAnnotation(Default.class);
    if (value != null) {
      schema.set("default", YamlDocument.parse(value.value(), new Problems(), new SourceLines()));
    }
    return schema;
  }

  private ObjectNode type(Type generic, Method component) {
    if (generic instanceof ParameterizedType parameterized) {
      Type[] arguments = parameterized.getActualTypeArguments();
      if (parameterized.getRawType() == Optional.class) {
        return type(arguments[0], component);
      }
      return parameterized.getRawType() == Map.class
          ? map(arguments[1], component)
          : list(arguments[0], component);
    }
    Class<?> type = (Class<?>) generic;
    if (type == String.class) {
      return text(format(component).value());
    } else if (type == int.class || type == long.class || type == Integer.class) {
      return number(type, component);
    } else if (type == boolean.class) {
      return MAPPER.createObjectNode().put("type", "boolean");
    } else if (type == Size.class) {
      return size(component);
    } else if (type == Duration.class) {
      return duration(component);
    }
    return type.isEnum() ? words(type) : reference(type);
  }

  private static ObjectNode size(Method component) {
    boolean zero = component.isAnnotationPresent(Min.class);
    ObjectNode schema = text(zero ? Size.FORM_OR_ZERO : Size.FORM, Size.WORDS);
    schema.putArray("examples").add("512MiB");
    return schema;
  }

  private static ObjectNode duration(Method component) {
    DurationRange range = component.getAnnotation(DurationRange.class);
    String example = component.getAnnotation(Default.class).value();
    List<String> units =
        DurationText.Unit.from(range.min()).stream()
            .filter(unit -> unit.one().compareTo(DurationText.parse(range.max())) <= 0)
            .map(DurationText.Unit::symbol)
            .toList();
    String words =
        "a duration from %s to %s, such as %s (%s)"
            .formatted(range.min(), range.max(), example, String.join(", ", units));
    ObjectNode schema = text(DurationPattern.of(range.min(), range.max()), words);
    schema.putArray("examples").add(example);
    return schema;
  }

  private ObjectNode list(Type item, Method component) {
    ObjectNode items = type(item, component);
    ObjectNode schema = MAPPER.createObjectNode().put("type", "array").set("items", items);
    if (component.isAnnotationPresent(NotEmpty.class)) {
      schema.put("minItems", 1);
    }
    return items.has("$ref") ? schema : schema.put("uniqueItems", true);
  }

  private ObjectNode map(Type value, Method component) {
    return MAPPER
        .createObjectNode()
        .put("type", "object")
        .<ObjectNode>set("propertyNames", text(format(component).keys()).without("type"))
        .set("additionalProperties", type(value, component));
  }

  private static Format format(Method component) {
    return Optional.ofNullable(component.getAnnotation(Format.class))
        .orElseThrow(() -> new IllegalStateException(component + " has no @Format"));
  }

  private static ObjectNode text(TextFormat form) {
    return text(form.pattern(), form.words());
  }

  private static ObjectNode text(String pattern, String words) {
    return MAPPER
        .createObjectNode()
        .put("type", "string")
        .put("pattern", pattern)
        .put("patternErrorMessage", words);
  }

  private static ObjectNode number(Class<?> type, Method component) {
    Min min = component.getAnnotation(Min.class);
    Max max = component.getAnnotation(Max.class);
    ObjectNode schema = MAPPER.createObjectNode().put("type", "integer");
    schema.put("minimum", min == null ? 0 : min.value());
    long widest = type != long.class ? Integer.MAX_VALUE : Long.MAX_VALUE;
    return schema.put("maximum", max == null ? widest : max.value());
  }

  private static ObjectNode words(Class<?> type) {
    ObjectNode schema = MAPPER.createObjectNode().put("type", "string");
    ArrayNode words = schema.putArray("enum");
    ArrayNode meanings = MAPPER.createArrayNode();
    for (Object constant : type.getEnumConstants()) {
      try {
        var field = type.getField(((Enum<?>) constant).name());
        words.add(field.getAnnotation(JsonProperty.class).value());
        description(field).ifPresent(meanings::add);
      } catch (NoSuchFieldException e) {
        throw new IllegalStateException(e);
      }
    }
    if (!meanings.isEmpty()) {
      schema.set("enumDescriptions", meanings);
    }
    return schema;
  }

  private ObjectNode reference(Class<?> type) {
    String name = type.getSimpleName();
    if (!definitions.has(name) && !pending.contains(name)) {
      pending.add(name);
      ObjectNode schema = type.isSealed() ? variants(type) : record(type);
      definitions.set(name, schema);
    }
    return MAPPER.createObjectNode().put("$ref", "#/$defs/" + name);
  }

  /** The variants of a sealed interface, and the key by which Jackson distinguishes them. */
  private ObjectNode variants(Class<?> type) {
    String key = type.getAnnotation(JsonTypeInfo.class).property();
    ObjectNode schema = MAPPER.createObjectNode();
    schema.putObject("discriminator").put("propertyName", key);
    ArrayNode variants = schema.putArray("oneOf");
    for (JsonSubTypes.Type sub : type.getAnnotation(JsonSubTypes.class).value()) {
      variants.add(reference(sub.value()));
      ObjectNode variant = (ObjectNode) definitions.get(sub.value().getSimpleName());
      ObjectNode properties = MAPPER.createObjectNode();
      ObjectNode kind = properties.putObject(key);
      description(sub.value()).ifPresent(text -> kind.put("description", text));
      kind.put("type", "string").put("const", sub.name());
      properties.setAll((ObjectNode) variant.get("properties"));
      variant.set("properties", properties);
      ArrayNode required = MAPPER.createArrayNode().add(key);
      variant.path("required").forEach(required::add);
      variant.set("required", required);
    }
    return schema;
  }

  private static Optional<String> description(AnnotatedElement element) {
    return Optional.ofNullable(element.getAnnotation(Description.class)).map(Description::value);
  }
}
