namespace GpuCam.CudaTests.Machine.Tests;

/// <summary>(1 + 2^-12)^2 - 1 - 2^-11 is 2^-24 if it is rounded once, and 0 if the product is rounded first.</summary>
public sealed class ContractionTests
{
    private const string Square = "mul.f32 %f2, %f1, %f1; ";
    private const float Input = 1 + (1f / 4096), Once = 1f / (1 << 24);

    [Theory]
    [InlineData(Square + "add.f32 %f3, %f2, 0fBF801000;", Once)]
    [InlineData(Square + "add.f32 %f3, 0fBF801000, %f2;", Once)]
    [InlineData(Square + "sub.f32 %f3, %f2, 0f3F801000;", Once)]
    [InlineData(Square + "sub.f32 %f3, 0f3F801000, %f2;", -Once)]
    [InlineData("mul.ftz.f32 %f2, %f1, %f1; add.ftz.f32 %f3, %f2, 0fBF801000;", Once)]
    [InlineData(Square + "mov.f32 %f1, 0f00000000; add.f32 %f3, %f2, 0fBF801000;", 0f)]
    [InlineData(Square + "mov.f32 %f2, %f2; add.f32 %f3, %f2, 0fBF801000;", 0f)]
    [InlineData(Square + "next: add.f32 %f3, %f2, 0fBF801000;", 0f)]
    [InlineData("mul.rn.f32 %f2, %f1, %f1; add.f32 %f3, %f2, 0fBF801000;", 0f)]
    [InlineData(Square + "add.rn.f32 %f3, %f2, 0fBF801000;", 0f)]
    [InlineData(Square + "add.ftz.f32 %f3, %f2, 0fBF801000;", 0f)]
    public void A_product_and_its_sum_are_rounded_once(string body, float fused)
    {
        string whole = $"{body} st.global.f32 [%rd3], %f3;";
        Assert.Equal(fused, Piece.Floats(Piece.Run(Piece.Kernel(whole, fuse: true), Piece.Bits(Input), 1))[0]);
        Assert.Equal(0, Piece.Floats(Piece.Run(Piece.Kernel(whole), Piece.Bits(Input), 1))[0]);
    }
}
