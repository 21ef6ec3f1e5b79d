using System.Buffers.Binary;
using System.Text;
using GpuCam.Runner.Reports;

namespace GpuCam.Tests.Fuzzing;

/// <summary>NumPy's arrays, damaged by bytes and in the dictionary that says what they hold.</summary>
internal sealed class NpyKind : FuzzKind
{
    private const int Prefix = 10;

    private static readonly int[][] s_shapes = [[2, 3], [5], [], [1, 3, 4, 4], [2, 0, 3], [30, 1]];

    private static readonly string[] s_words = ["<f4", ">f4", "<f8", "|u1", "descr", "fortran_order", "shape", "x"];

    private static readonly byte[][] s_sound = [.. s_shapes.Select(Sound)];

    public override string Name => "npy";

    public override byte[] Make(long number)
    {
        Random random = RandomOf(number);
        byte[] file = s_sound[number % s_sound.Length];
        int header = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(8));
        int kind = random.Next(4);
        if (kind == 0)
        {
            return DamagedBytes.Make(file, random);
        }

        string text = Encoding.Latin1.GetString(file, Prefix, header);
        text = kind == 1 ? MutatedText.OtherNumbers(text, random) : MutatedText.Change(text, s_words, random);
        byte[] bytes = MutatedText.Bytes(text, utf8: false), prefix = file[..Prefix], data = file[(Prefix + header)..];
        BinaryPrimitives.WriteUInt16LittleEndian(prefix.AsSpan(8), (ushort)bytes.Length);
        // Some have as much behind the header as it asks for.
        return [.. prefix, .. bytes, .. data, .. random.Next(2) == 0 ? [] : new byte[random.Next(2000)]];
    }

    public override void Read(byte[] bytes, long number, string name)
    {
        (float[] values, int[] shape) = Npy.Read(new MemoryStream(bytes), name);
        Assert.Equal(values.Length, shape.Aggregate(1, (product, side) => product * side));
    }

    private static byte[] Sound(int[] shape)
    {
        using var stream = new MemoryStream();
        Npy.Write(stream, new float[shape.Aggregate(1, (product, side) => product * side)], shape);
        return stream.ToArray();
    }
}
