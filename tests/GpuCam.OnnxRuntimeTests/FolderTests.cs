using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using Xunit.Abstractions;

namespace GpuCam.OnnxRuntimeTests;

/// <summary>
/// The networks of ONNX files in a folder that <c>GPUCAM_ONNX_MODELS</c> names: read here, written with maps, and run by ONNX Runtime.
/// </summary>
public sealed class FolderTests(ITestOutputHelper output)
{
    /// <summary>Where the files are; null where nobody says so.</summary>
    public static string? Folder => Environment.GetEnvironmentVariable("GPUCAM_ONNX_MODELS");

    public static TheoryData<string> Files =>
        [.. Folder is null ? Enumerable.Empty<string>() : Directory.EnumerateFiles(Folder, "*.onnx").Select(path => Path.GetFileName(path)).Order()];

    [FolderTheory]
    [MemberData(nameof(Files))]
    public void The_networks_of_a_folder_say_the_same_in_ONNX_Runtime(string file)
    {
        using var device = new HostDevice(Backend.Simd, threads: 2);
        using var execution = new Execution(device, Read(file));
        using var check = new ExportCheck(execution, images: execution.Graph.MixesImages ? 1 : 2);
        var said = new List<string>();
        foreach (string method in (string[])["gradcam", "hirescam", "layercam", "gradcam++"])
        {
            Say(method, check.Gradient(method, check.DefaultValue));
        }

        Say("gradcam resized", check.Gradient("gradcam", check.DefaultValue, resize: true));
        if (check.HasCam)
        {
            Say("cam", check.BestMaps(2));
        }

        output.WriteLine($"{file}, {check.DefaultValue}: {string.Join(", ", said)}");
        Assert.DoesNotContain(said, text => text.EndsWith('!'));

        void Say(string what, double difference) => said.Add(string.Create(
            CultureInfo.InvariantCulture, $"{what} {difference:e1}{(difference <= ExportCheck.Tolerance ? "" : " !")}"));
    }

    /// <summary>A network out of a file, with numbers for class names.</summary>
    internal static Network Read(string file)
    {
        Graph graph = OnnxNetwork.Read(Path.Combine(Folder!, file), new OnnxImportOptions { UsualSide = 224 }).Graph;
        int classes = ClassScore.ClassCount(graph.Output.Shape.C);
        return new Network(graph, [.. Enumerable.Range(0, classes).Select(c => c.ToString(CultureInfo.InvariantCulture))]);
    }
}

/// <summary>A test of files in a folder: skipped, and said so, only where none is named.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FolderTheoryAttribute : TheoryAttribute
{
    public FolderTheoryAttribute() =>
        Skip = FolderTests.Folder is null ? "NO NETWORKS HERE: name a folder of ONNX files in GPUCAM_ONNX_MODELS to run them" : null;
}
