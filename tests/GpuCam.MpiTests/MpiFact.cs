namespace GpuCam.MpiTests;

/// <summary>A test that needs Open MPI's mpirun: skipped, and said so, only where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MpiFactAttribute : FactAttribute
{
    public MpiFactAttribute() => Skip = MpiRun.WhyNot;
}

/// <summary>As <see cref="MpiFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MpiTheoryAttribute : TheoryAttribute
{
    public MpiTheoryAttribute() => Skip = MpiRun.WhyNot;
}
