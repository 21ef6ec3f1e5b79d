using System.Text;
using GpuCam.Runner.Reports;

namespace GpuCam.Tests.Runner.Reports;

public class NpyTests
{
    [Fact]
    public void The_bytes_are_those_of_numpy_save()
    {
        byte[] file = Write([1, -2.5f, 3, 4, 5, 6], [2, 3]);
        // numpy.save of np.array([[1, -2.5, 3], [4, 5, 6]], '<f4'): 128 bytes of header, 24 of values.
        Assert.Equal(128 + 24, file.Length);
        Assert.Equal(Convert.FromHexString("934E554D505901007600"), file[..10]);
        string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
        Assert.Equal(header.PadRight(117) + "\n", Encoding.ASCII.GetString(file, 10, 118));
        Assert.Equal(Convert.FromHexString("0000803F000020C0"), file[128..136]);
    }

    [Theory]
    [InlineData(new int[] { }, "()")]
    [InlineData(new[] { 1 }, "(1,)")]
    [InlineData(new[] { 1, 1, 1 }, "(1, 1, 1)")]
    public void Shapes_are_python_tuples_and_the_values_start_at_a_multiple_of_64(int[] shape, string tuple)
    {
        byte[] file = Write([7], shape);
        Assert.Contains($"'shape': {tuple}, ", Encoding.ASCII.GetString(file), StringComparison.Ordinal);
        Assert.Equal(0, (file.Length - 4) % 64);
        (float[] values, int[] back) = Npy.Read(new MemoryStream(file), "a.npy");
        Assert.Equal([7], values);
        Assert.Equal(shape, back);
    }

    [Fact]
    public void Every_float_comes_back_bit_for_bit()
    {
        float[] values = [float.NaN, float.NegativeInfinity, -0f, float.Epsilon, float.MaxValue, 0.1f];
        float[] back = Npy.Read(new MemoryStream(Write(values, [6])), "a.npy").Values;
        Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), back.Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void A_damaged_file_is_one_clear_error()
    {
        byte[] good = Write([1, 2, 3, 4], [2, 2]);
        for (int length = 0; length < good.Length; length++)
        {
            Assert.StartsWith("a.npy: ", Message(good[..length]), StringComparison.Ordinal);
        }

        string text = Encoding.Latin1.GetString(good);
        Fails(text.Replace("<f4", "<f8", StringComparison.Ordinal), "only float32");
        Fails(text.Replace("False", "True ", StringComparison.Ordinal), "only float32");
        Fails(text.Replace("(2, 2)", "(-2,2)", StringComparison.Ordinal), "no shape");
        Fails(text.Replace("(2, 2), }      ", "(99999, 9999), }", StringComparison.Ordinal), "after 4 of 999890001 values");
        void Fails(string file, string part) => Assert.Contains(part, Message(Encoding.Latin1.GetBytes(file)), StringComparison.Ordinal);
        string Message(byte[] file) => Assert.Throws<GpuCamException>(() => Npy.Read(new MemoryStream(file), "a.npy")).Message;
    }

    [Fact]
    public void A_shape_that_does_not_fit_is_an_error() => Assert.Throws<GpuCamException>(() => Write([1, 2], [3]));

    private static byte[] Write(float[] values, int[] shape)
    {
        var stream = new MemoryStream();
        Npy.Write(stream, values, shape);
        return stream.ToArray();
    }
}
