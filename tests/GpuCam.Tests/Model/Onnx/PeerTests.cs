using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;
using Xunit.Abstractions;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>
/// Networks that PyTorch exported compute what PyTorch does: logits, values inside and maps at three depths, which takes the gradients of
/// everything behind them. Errors are the largest difference over the largest value.
/// </summary>
public sealed class PeerTests(ITestOutputHelper output)
{
    private const double ValueTolerance = 1e-4;
    private const double MapTolerance = 1e-3;

    /// <summary>
    /// Of maps with many layers behind them: each of 100,000 ReLUs that changes its mind is a jump of the gradient. Torch's own maps in
    /// float32 are up to 0.02 from those in float64, and a wrong gradient is far more.
    /// </summary>
    private const double JumpTolerance = 0.1;

    public static TheoryData<string, string, string> SmallFiles
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach ((string network, string file) in PeerFolder.Files(PeerFolder.Small))
            {
                foreach (string device in TestDevices.ForTraining)
                {
                    data.Add(device, network, file);
                }
            }

            return data;
        }
    }

    public static TheoryData<string, string> LargeFiles
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach ((string network, string file) in PeerFolder.Large is { } root ? PeerFolder.Files(root) : [])
            {
                data.Add(network, file);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(SmallFiles))]
    public void A_small_network_of_every_family_computes_what_torch_does(string device, string network, string file) =>
        Compare(TestDevices.Create(device), PeerFolder.Small, network, file, MapTolerance);

    [PeersTheory]
    [MemberData(nameof(LargeFiles))]
    public void An_architecture_of_torchvision_computes_what_torch_does(string network, string file) =>
        Compare(new HostDevice(Backend.Simd), PeerFolder.Large!, network, file, JumpTolerance);

    private void Compare(IDevice device, string root, string network, string file, double deepTolerance)
    {
        var peer = new PeerFolder(Path.Combine(root, network));
        (float[] pixels, Shape shape) = peer.Images();
        using var op = new OpHarness(device);
        using var execution = new Execution(op.Device, Load(Path.Combine(root, network, file)));
        using var engine = new CamEngine(execution);
        float[] logits = execution.Forward(op.Input("images", shape, pixels)).ToArray();

        var errors = new List<(string What, double Error, double Tolerance)> { ("logits", Error(peer.Logits(), logits), ValueTolerance) };
        foreach (string name in peer.Values)
        {
            (float[] expected, Shape extents) = peer.Value(name);
            Tensor actual = execution.Activation(name);
            actual.Expect(extents);
            errors.Add((name, Error(expected, actual.ToArray()), ValueTolerance));
        }

        foreach ((string layer, string method) in peer.Maps)
        {
            float[] map = engine.Map(CamMethods.Create(method), layer, peer.Classes).ToArray();
            double tolerance = layer == PeerFolder.LastLayer ? MapTolerance : deepTolerance;
            errors.Add(($"{method} of {layer}", Error(peer.Map(layer, method), map), tolerance));
        }

        Assert.Equal(PeerFolder.LastLayer, engine.DefaultLayer);
        string[] said = [.. errors.Select(error => string.Create(CultureInfo.InvariantCulture, $"{error.What} {error.Error:G2}"))];
        output.WriteLine($"{network} {file}: {string.Join(", ", said)}");
        Assert.True(errors.All(error => error.Error <= error.Tolerance), string.Join(", ", said));
    }

    private static Network Load(string path)
    {
        var read = OnnxNetwork.Read(path);
        return new Network(read.Graph, [.. Enumerable.Range(0, read.Graph.Output.Shape.C).Select(i => $"{i}")]);
    }

    private static double Error(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        double largest = 0, difference = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs((double)expected[i]));
            difference = Math.Max(difference, Math.Abs((double)expected[i] - actual[i]));
        }

        Assert.True(largest > 0, "all that torch computed is 0: nothing is compared");
        return difference / largest;
    }
}

/// <summary>A test that needs the large networks; skipped, and counted as such, where GPUCAM_PEERS does not say where they are.</summary>
internal sealed class PeersTheoryAttribute : TheoryAttribute
{
    public PeersTheoryAttribute() => Skip = PeerFolder.Large is null
        ? "GPUCAM_PEERS names no folder of networks: run tests/Peers/export.py --out DIR --quick" : null;
}
