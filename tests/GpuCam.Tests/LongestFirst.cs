using GpuCam.Tests;
using GpuCam.Tests.Kernels;
using GpuCam.Tests.Kernels.SelfTests;
using GpuCam.Tests.Model;
using GpuCam.Tests.Model.Cams;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Training;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("GpuCam.Tests." + nameof(LongestFirst), "GpuCam.Tests")]

namespace GpuCam.Tests;

/// <summary>Classes that take long begin first, so that at the end no core waits for one of them.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly Type[] s_long =
    [
        typeof(BackendSwapTests), typeof(ReadmeTests), typeof(ResumeTests), typeof(GroupConv2DTests), typeof(CamEngineTests),
        typeof(OpSelfTestTests), typeof(TrainerTests), typeof(EigenCamTests), typeof(ScoreCamTests), typeof(LateTrainerTests),
        typeof(CheckpointTests),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection =>
        {
            // A class without a collection of its own has one that is named after it.
            int place = Array.FindIndex(
                s_long, type => collection.DisplayName.Contains($" {type.FullName} ", StringComparison.Ordinal)
                    || collection.DisplayName.EndsWith($" {type.FullName}", StringComparison.Ordinal));
            return place < 0 ? s_long.Length : place;
        });
}
