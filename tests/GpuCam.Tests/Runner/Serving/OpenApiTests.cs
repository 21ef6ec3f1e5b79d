using System.Text.Json;
using System.Text.RegularExpressions;
using GpuCam.Model;
using GpuCam.Runner;
using GpuCam.Runner.Serving;
using GpuCam.Tests.Runner.Commands;

namespace GpuCam.Tests.Runner.Serving;

/// <summary>The document for scripts has all that the server has, and nothing else.</summary>
public sealed partial class OpenApiTests
{
    private static readonly JsonElement s_document = TestServer.Parse(System.Text.Encoding.UTF8.GetString(OpenApi.Document));

    [Fact]
    public void Its_paths_are_those_of_the_server_with_their_methods()
    {
        Assert.Equal("3.1.0", s_document.GetProperty("openapi").GetString());
        IEnumerable<(string, string)> described = s_document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(operation => (path.Name, operation.Name.ToUpperInvariant())));
        Assert.Equal(ServeApplication.Routes.Order(), described.Order());
    }

    [Fact]
    public void Its_fields_methods_and_smoothings_are_those_that_there_are()
    {
        Assert.Equal(["picture", .. ExplainFields.Names], Names(Form("/api/explain")));
        Assert.Equal(["picture"], Names(Form("/api/picture")));
        Assert.Equal(CamMethods.All.Select(method => method.Name), Enum("Method"));
        Assert.Equal(OptionNames.Smoothing.Names, Enum("Smoothing"));
        Assert.Equal(
            System.Enum.GetValues<MapState>().Select(state => JsonNamingPolicy.SnakeCaseLower.ConvertName($"{state}")), Enum("State"));
    }

    [Fact]
    public void Its_statuses_are_those_that_the_server_can_answer_with()
    {
        string sources = string.Concat(Directory.EnumerateFiles(Path.Combine(DocCommand.Root, "src/Runner/Serving"), "*.cs")
            .Select(File.ReadAllText));
        string[] thrown = [.. Status().Matches(sources).Select(match => match.Groups[1].Value).Distinct().Order()];
        string description = s_document.GetProperty("components").GetProperty("responses").GetProperty("Error")
            .GetProperty("description").GetString()!;
        // Not of any path that is described, and so in words.
        Assert.Contains("404 and 405", description, StringComparison.Ordinal);
        Assert.Equal(thrown.Except(["404", "405"]), s_document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject()).SelectMany(operation => Names(operation.Value.GetProperty("responses")))
            .Where(status => status[0] > '3').Distinct().Order());
        Assert.All(thrown.Except(["429", "503"]), status => Assert.Contains(status, description, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(typeof(ModelAnswer))]
    [InlineData(typeof(ExplainAnswer))]
    [InlineData(typeof(ErrorAnswer))]
    public void Its_answers_have_the_properties_of_those_that_are_sent(Type type)
    {
        JsonElement schema = s_document.GetProperty("components").GetProperty("schemas").GetProperty(type.Name);
        Assert.Equal(type.GetProperties().Select(property => JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)),
            Names(schema.GetProperty("properties")));
        foreach (System.Reflection.PropertyInfo property in type.GetProperties())
        {
            Type inner = property.PropertyType.IsGenericType ? property.PropertyType.GetGenericArguments()[0] : property.PropertyType;
            if (inner.Namespace == type.Namespace)
            {
                Its_answers_have_the_properties_of_those_that_are_sent(inner);
            }
        }
    }

    [Fact]
    public void Every_reference_leads_somewhere_and_every_part_is_referred_to()
    {
        HashSet<string> used = [.. Reference().Matches(s_document.GetRawText()).Select(match => match.Groups[1].Value)];
        IEnumerable<string> parts = ((string[])["responses", "schemas"]).SelectMany(kind =>
            Names(s_document.GetProperty("components").GetProperty(kind)).Select(name => $"{kind}/{name}"));
        Assert.Equal(parts.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
    }

    private static JsonElement Form(string path) => s_document.GetProperty("paths").GetProperty(path).GetProperty("post")
        .GetProperty("requestBody").GetProperty("content").GetProperty("multipart/form-data").GetProperty("schema")
        .GetProperty("properties");

    private static IEnumerable<string> Enum(string schema) => s_document.GetProperty("components").GetProperty("schemas")
        .GetProperty(schema).GetProperty("enum").EnumerateArray().Select(value => value.GetString()!);

    private static IEnumerable<string> Names(JsonElement element) => element.EnumerateObject().Select(property => property.Name);

    [GeneratedRegex(@"(?:ServeException|new)\((\d{3}), ")]
    private static partial Regex Status();

    [GeneratedRegex(@"""#/components/(\w+/\w+)""")]
    private static partial Regex Reference();
}
