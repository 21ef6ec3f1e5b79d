namespace GpuCam.Kernels.SelfTests;

/// <summary>An op on small tensors of odd shapes, the same on every device.</summary>
/// <param name="Op">The op and its direction.</param>
/// <param name="Shape">What it runs on, for people.</param>
/// <param name="Tolerance">How far a device may be from the plain host kernels: see <see cref="SelfTestResult.Error"/>.</param>
/// <param name="Prepare">Makes the tensors; what it returns runs the op once.</param>
public sealed record OpCase(string Op, string Shape, double Tolerance, Func<OpCaseTensors, Action> Prepare)
{
    /// <summary>Whether the op has a group kernel beside its plain one.</summary>
    public bool HasGroupKernel { get; init; }

    /// <summary>Whether the op sums products of two inputs, whose factors a device may round: see <see cref="Precision"/>.</summary>
    public bool IsProduct { get; init; }

    /// <summary>Whether it also writes which sum was the largest: two that are nearly so are told apart by no rounded factors.</summary>
    public bool PicksWinners { get; init; }

    /// <summary>Whether a function of its sums may enlarge what rounding their factors does to them.</summary>
    public bool EnlargesErrors { get; init; }
}
