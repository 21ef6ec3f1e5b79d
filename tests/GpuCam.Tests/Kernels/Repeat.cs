namespace GpuCam.Tests.Kernels;

/// <summary>The check that one device gives one answer.</summary>
public static class Repeat
{
    /// <summary>Runs twice, fails unless both results have the same bits (NaN included), and returns the first.</summary>
    public static float[] SameBits(Func<float[]> run)
    {
        float[] first = run();
        float[] second = run();
        Assert.Equal(first.Select(BitConverter.SingleToInt32Bits), second.Select(BitConverter.SingleToInt32Bits));
        return first;
    }
}
