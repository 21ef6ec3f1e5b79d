using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Evaluation;

/// <summary>
/// Puts what ranks have counted together, on rank 0. Counts of maps are sums of whole numbers, which have no order; the sum of losses has
/// one, so losses are sent image by image and added in the order of the images.
/// </summary>
/// <remarks>A message: of each image its label (int32), the predicted class (int32), the place of its label (int32) and its loss (float64);
/// then the counts of each row of maps.</remarks>
internal static class RankCounts
{
    /// <summary>Sends this rank's counts; on rank 0 adds those of the others to its own. Collective.</summary>
    /// <param name="job">The job.</param>
    /// <param name="plan">All batches; rank r has looked at those from r on, every <see cref="RankJob.Size"/>th.</param>
    /// <param name="classes">Classes of the network.</param>
    /// <param name="own">What this rank found of its images, in their order.</param>
    /// <param name="rows">Its counts of maps; on rank 0 those of all ranks afterwards.</param>
    /// <returns>Of all images on rank 0; nothing on others.</returns>
    public static Classification Gather(
        RankJob job, BatchPlan plan, int classes, IReadOnlyList<ImageAnswer> own, IReadOnlyList<RowMetrics> rows)
    {
        var all = new Classification(classes);
        if (job.Communicator.Gather(Message(own, rows)) is not { } messages)
        {
            return all;
        }

        BinaryReader[] readers = [.. messages.Select(message => new BinaryReader(new MemoryStream(message)))];
        for (int batch = 0; batch < plan.Steps; batch++)
        {
            BinaryReader reader = readers[batch % job.Size];
            for (int n = 0; n < plan.CountOf(batch); n++)
            {
                all.Add(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadDouble());
            }
        }

        foreach (BinaryReader reader in readers.Skip(1))
        {
            foreach (RowMetrics row in rows)
            {
                row.Merge(reader);
            }
        }

        return all;
    }

    private static byte[] Message(IReadOnlyList<ImageAnswer> answers, IReadOnlyList<RowMetrics> rows)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        foreach (ImageAnswer answer in answers)
        {
            writer.Write(answer.Label);
            writer.Write(answer.Predicted);
            writer.Write(answer.Place);
            writer.Write(answer.Loss);
        }

        foreach (RowMetrics row in rows)
        {
            row.Write(writer);
        }

        return stream.ToArray();
    }
}
