using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Training;

/// <summary>What <c>evaluation.json</c> holds: the newest evaluation of a run in full, its confusion matrix included.</summary>
/// <param name="Format"><see cref="CurrentFormat"/>.</param>
/// <param name="Step">The steps trained before it.</param>
/// <param name="ClassNames">Names of the matrix's rows and columns.</param>
/// <param name="Test">What it found.</param>
internal sealed record EvaluationRecord(string Format, int Step, IReadOnlyList<string> ClassNames, EvaluationResult Test)
{
    /// <summary>The format of the file; a later one will have another number.</summary>
    public const string CurrentFormat = "gpucam-evaluation/1";

    /// <summary>
    /// Writes the file: whole or not at all, and without what the clock said, which has a file of its own. The matrix has a picture beside
    /// it, <c>confusion.svg</c>, where it is small enough to be there.
    /// </summary>
    public static void Write(RunFolder folder, int step, IReadOnlyList<string> classNames, EvaluationResult test)
    {
        AtomicFile.WriteAllText(folder.Evaluation,
            RunnerJson.Line(new EvaluationRecord(CurrentFormat, step, classNames, test with { ImagesPerSecond = null })) + "\n");
        if (test.Confusion is { } confusion)
        {
            ConfusionSvg.WriteFile(folder.File("confusion.svg"), confusion, classNames);
        }
    }
}
