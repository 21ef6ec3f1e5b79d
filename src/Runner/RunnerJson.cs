using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace GpuCam.Runner;

/// <summary>How every JSON file and <c>--json</c> answer is written: snake_case names, enums in lower case, floats as they are.</summary>
internal static class RunnerJson
{
    private static readonly JsonSerializerOptions s_line = Create(indented: false);
    private static readonly JsonSerializerOptions s_pretty = Create(indented: true);
    private static readonly JsonSerializerOptions s_message = new(s_line) { DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    /// <summary>One line.</summary>
    public static string Line<T>(T value) => JsonSerializer.Serialize(value, s_line);

    /// <summary>One line, as UTF-8.</summary>
    public static byte[] Bytes<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, s_line);

    /// <summary>Indented, for people.</summary>
    public static string Pretty<T>(T value) => JsonSerializer.Serialize(value, s_pretty);

    /// <summary>
    /// Reads what <see cref="Pretty{T}"/> or <see cref="Line{T}"/> wrote; a <see cref="JsonException"/> on anything else.
    /// </summary>
    public static T Read<T>(string text) => JsonSerializer.Deserialize<T>(text, s_line) ?? throw new JsonException("the value is null");

    /// <summary>What ranks send one another: with all that is null, so that it is read as what it was.</summary>
    public static byte[] Message<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, s_message);

    /// <summary>Reads what <see cref="Message{T}"/> wrote, which may be null.</summary>
    public static T? ReadMessage<T>(byte[] utf8) => JsonSerializer.Deserialize<T>(utf8, s_message);

    /// <summary>How it is written.</summary>
    internal static JsonSerializerOptions Create(bool indented) => new()
    {
        TypeInfoResolver = JsonTypeInfoResolver.Combine(RunnerJsonContext.Default, new DefaultJsonTypeInfoResolver()),
        WriteIndented = indented,
        RespectNullableAnnotations = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };
}
