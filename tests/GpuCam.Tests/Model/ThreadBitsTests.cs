using System.Runtime.InteropServices;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;
using GpuCam.Tests.Model.Onnx;

namespace GpuCam.Tests.Model;

/// <summary>
/// A process with one thread computes what one with many does: ranks of a job may have shares of a machine of any size, and what they
/// compute is put together as if one had computed it all.
/// </summary>
public sealed class ThreadBitsTests
{
    private const int Images = 5;

    /// <summary>One export of each golden network.</summary>
    public static TheoryData<string> Networks =>
        [.. PeerFolder.Files(PeerFolder.Small).GroupBy(of => of.Network, (network, of) => Path.Combine(network, of.First().File))];

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_network_of_a_file(string file) =>
        SameOnAll(device => NetworkLoader.Load(new NetworkRequest(Path.Combine(PeerFolder.Small, file)), device), true, 1, 3);

    [Theory]
    [InlineData(GlobalPooling.Average, true)]
    [InlineData(GlobalPooling.Max, false)]
    public void The_reference_network_and_a_variant(GlobalPooling pooling, bool scores)
    {
        NetworkConfig config = new(1, 40, ["a", "b", "c"]) { Widths = [32, 64], Pooling = pooling };
        SameOnAll(device => LeNetGap.Create(device, config, 3), scores, 1, 2, 7);
    }

    private static void SameOnAll(Func<IDevice, Execution> load, bool scores, params int[] threads)
    {
        Dictionary<string, int[]> expected = Run(threads[0]);
        Assert.True(expected.Count > 10);
        foreach (int count in threads[1..])
        {
            foreach ((string what, int[] bits) in Run(count))
            {
                Assert.True(expected[what].AsSpan().SequenceEqual(bits), $"{what} on {count} threads");
            }
        }

        Dictionary<string, int[]> Run(int count)
        {
            using var device = new HostDevice(Backend.Simd, count);
            using Execution execution = load(device);
            return new[] { 1, Images }.SelectMany(images => Results(execution, images, scores)).ToDictionary(of => of.What, of => of.Bits);
        }
    }

    /// <summary>Logits, the gradient of the image, and the maps of all methods, those that score changed copies only if wished.</summary>
    private static IEnumerable<(string What, int[] Bits)> Results(Execution execution, int images, bool scores)
    {
        using var classifier = new Classifier(execution);
        using var engine = new CamEngine(execution);
        float[] pixels = Pixels(execution.Graph.Input.Shape, images);
        yield return ($"logits of {images}", Bits(classifier.Logits(pixels, images)));
        int[] classes = [.. Enumerable.Range(0, images).Select(n => n % execution.Network.LogitCount)];
        foreach (ICamMethod method in CamMethods.For(execution.Network))
        {
            bool wanted = method.Needs != CamNeeds.Scores || (scores && images == 1);
            if (wanted && engine.Obstacle(method, [engine.DefaultLayer]) is null)
            {
                classifier.Logits(pixels, images);
                yield return ($"{method.Name} of {images}", Bits(engine.MapToImage(method, engine.DefaultLayer, classes).ToArray()));
            }
        }

        classifier.Logits(pixels, images);
        using var direction = new Tensor(execution.Device, "direction", Shape.Matrix(images, execution.Network.LogitCount));
        direction.CopyFrom(OpHarness.Random(direction.Count, 2));
        yield return ($"gradient of {images}", Bits(execution.BackwardTo(execution.Graph.Input.Name, direction).ToArray()));
    }

    /// <summary>A bright half, a black half.</summary>
    private static float[] Pixels(Shape image, int images)
    {
        float[] pixels = OpHarness.Random(images * image.Count, 1, 0, 1);
        for (int i = 0; i < pixels.Length; i++)
        {
            pixels[i] = i / image.C % image.W < image.W / 2 ? 0 : pixels[i];
        }

        return pixels;
    }

    private static int[] Bits(ReadOnlySpan<float> values) => MemoryMarshal.Cast<float, int>(values).ToArray();
}
