using System.CommandLine;

namespace GpuCam.Runner.Commands;

/// <summary>
/// <c>gpucam experiment</c>: the experiments of the CAM paper that need a command of their own; docs/experiments.md has their figures.
/// </summary>
internal static class ExperimentCommand
{
    public static Command Create() => new("experiment", "The CAM paper's experiments on digits or on your pictures, one command each.")
    {
        LookTwiceCommand.Create(),
        UnitsCommand.Create(),
        TransferCommand.Create(),
        PoolingCommand.Create(),
        ConceptsCommand.Create(),
    };
}
