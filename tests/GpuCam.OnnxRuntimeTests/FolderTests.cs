using GpuCam.Kernels;
using GpuCam.Model;
using Xunit.Abstractions;

namespace GpuCam.OnnxRuntimeTests;

/// <summary>Real networks (<see cref="NetworkFolder"/>): read here, written with maps, and run by ONNX Runtime.</summary>
public sealed class FolderTests(ITestOutputHelper output)
{
    public static TheoryData<string> Files => [.. NetworkFolder.Files];

    [FolderTheory]
    [MemberData(nameof(Files))]
    public async Task The_networks_of_a_folder_say_the_same_in_ONNX_Runtime(string file)
    {
        using var device = new HostDevice(Backend.Simd, threads: 2);
        using var execution = new Execution(device, NetworkFolder.Read(file));
        using var check = new ExportCheck(execution, images: execution.Graph.MixesImages ? 1 : 2, Runtime.Run);
        output.WriteLine($"{file}, {check.DefaultValue}: {await check.Report()}");
    }
}
