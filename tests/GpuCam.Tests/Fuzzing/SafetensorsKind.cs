using System.Buffers.Binary;
using System.Text;
using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Tests.Fuzzing;

/// <summary>Small networks as safetensors: damaged by bytes, in the header, and with other extents that fit together.</summary>
internal sealed class SafetensorsKind : FuzzKind
{
    private static readonly string[] s_words =
    [
        "F32", "F64", "F16", "BF16", "I64", "I32", "U8", "F4", "BOOL", "F8_E4M3", "X9", "conv1.weight", "conv1.bias", "conv2.weight",
        "conv2.bias", "classifier.weight", "classifier.bias", "module.conv1.weight", "_orig_mod.", "__metadata__", "dtype", "shape",
        "data_offsets", "gpucam.architecture", "gpucam.size", "gpucam.pools", "lenet-gap", "max", "average", "[]", "[\\\"a\\\"]",
        "16", "1", "2147483647", "1000000", "3",
    ];

    private static readonly Lazy<HostDevice> s_device = new(() => new HostDevice(Backend.Simd, 1, 128));

    private static readonly Lazy<byte[][]> s_sound = new(() => [.. Sound()]);

    public override string Name => "safetensors";

    public override byte[] Make(long number)
    {
        Random random = RandomOf(number);
        byte[] file = s_sound.Value[number % s_sound.Value.Length];
        int header = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        switch (random.Next(4))
        {
            case 0:
                return DamagedBytes.Make(file, random);
            case 1:
                // The numbers of the tensors alone, which are whatever they are.
                byte[] data = DamagedBytes.Make(file[(8 + header)..], random);
                Array.Resize(ref data, file.Length - 8 - header);
                return [.. file[..(8 + header)], .. data];
            default:
                string text = MutatedText.Change(Encoding.UTF8.GetString(file, 8, header), s_words, random);
                byte[] json = MutatedText.Bytes(text, utf8: true), length = new byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
                return [.. length, .. json, .. file[(8 + header)..]];
        }
    }

    public override void Read(byte[] bytes, long number, string name)
    {
        SafetensorsFile file = SafetensorsReader.Read(new MemoryStream(bytes), name);
        using Execution network = ModelFile.Create(file, s_device.Value);
        Shape image = network.Graph.Input.Shape;
        if (network.Graph.MultiplyAdds is >= 0 and < 1 << 20)
        {
            using var x = new Tensor(s_device.Value, "x", image);
            Assert.Equal(network.Network.LogitCount, network.Forward(x).ToArray().Length);
        }
    }

    private static IEnumerable<byte[]> Sound()
    {
        foreach ((int channels, int kernel, GlobalPooling pooling, bool bias) in
            ((int, int, GlobalPooling, bool)[])[(1, 3, default, false), (3, 1, GlobalPooling.Max, true), (2, 5, default, true)])
        {
            string[] names = [.. Enumerable.Range(0, 2 + channels).Select(i => $"class {i}")];
            using var network = new Execution(s_device.Value, LeNetGap.Describe(new NetworkConfig(channels, 12, names)
            {
                Widths = [2 + channels, 3], KernelSize = kernel, Pooling = pooling, Pools = 1 + (channels % 2), ClassifierBias = bias,
            }));
            HeInitialization.Fill(network.Parameters, 1);
            using var stream = new MemoryStream();
            ModelFile.Save(stream, network);
            yield return stream.ToArray();
        }
    }
}
