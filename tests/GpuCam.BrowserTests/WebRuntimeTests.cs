using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.OnnxRuntimeTests;
using Xunit.Abstractions;

namespace GpuCam.BrowserTests;

/// <summary>Exported networks in a browser: logits and maps are those of this program.</summary>
public sealed class WebRuntimeTests(WebRuntime runtime, ITestOutputHelper output) : IClassFixture<WebRuntime>
{
    /// <summary>Small networks, and those of the folder that <c>GPUCAM_ONNX_MODELS</c> names.</summary>
    public static TheoryData<string> Names =>
    [
        Architectures.Names[0], "squeezenet", "mobile", "residual",
        .. NetworkFolder.Files,
    ];

    [WebRuntimeTheory]
    [MemberData(nameof(Names))]
    public async Task Logits_and_maps_in_a_browser_are_those_of_this_program(string name)
    {
        using var device = new HostDevice(Backend.Simd, threads: 2);
        using Execution execution = NetworkFolder.Files.Contains(name)
            ? new Execution(device, NetworkFolder.Read(name))
            : Networks.Create(device, name);
        using var check = new ExportCheck(execution, images: 1, runtime.RunAsync);
        output.WriteLine($"{name}, {check.DefaultValue}: {await check.Report()}");
        Assert.All(runtime.Requests, url => Assert.StartsWith(runtime.Root, url, StringComparison.Ordinal));
    }
}
