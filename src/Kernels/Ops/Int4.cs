namespace GpuCam.Kernels.Ops;

/// <summary>Four neighbouring integers: one access of 16 bytes.</summary>
internal readonly struct Int4(int i0, int i1, int i2, int i3)
{
    public readonly int I0 = i0, I1 = i1, I2 = i2, I3 = i3;
}
