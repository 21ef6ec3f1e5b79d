using GpuCam.Kernels;

namespace GpuCam.Runner.Ranks;

/// <summary>The device of a rank: one of its machine's GPUs, or its share of the cores.</summary>
internal static class RankDevice
{
    /// <summary>Opens it.</summary>
    /// <param name="job">The ranks.</param>
    /// <param name="backend">The backend.</param>
    /// <param name="device">Which of its devices; null for the first or, of several ranks on a machine, the rank's own.</param>
    /// <param name="threads">Threads on the processor; 0 for the rank's share.</param>
    /// <param name="precision">How factors are rounded.</param>
    /// <exception cref="GpuCamException">It is not there, or there are fewer GPUs than ranks.</exception>
    public static IDevice Open(RankJob job, Backend backend, int? device, int threads, Precision precision)
    {
        if (job.IsAlone)
        {
            return DeviceCatalog.Create(backend, device ?? 0, threads, precision);
        }

        RankShare share = job.Share;
        threads = threads > 0 ? threads : share.Threads;
        if (device is null && share.GpuRanks > 1)
        {
            IReadOnlyList<DeviceInfo> gpus = DeviceCatalog.Gpus(precision == Precision.Float32 ? backend : Backend.Cuda);
            if (gpus.Count > 0)
            {
                DeviceInfo own = Own(share, gpus);
                (backend, device) = (own.Backend, own.Index);
            }
        }

        IDevice opened = DeviceCatalog.Create(backend, device ?? 0, threads, precision, share.OwnProcessors);
        AllCores.Count = threads;
        return opened;
    }

    /// <summary>Which of these GPUs is the rank's.</summary>
    internal static DeviceInfo Own(RankShare share, IReadOnlyList<DeviceInfo> gpus) => share.GpuRanks <= gpus.Count
        ? gpus[share.Gpu]
        : throw new GpuCamException(
            $"{share.Host} has {share.GpuRanks} ranks and {gpus.Count} GPU{(gpus.Count == 1 ? "" : "s")} for them; start one for each GPU "
                + $"(mpirun --map-by ppr:{gpus.Count}:node), give --device 0 where they may share one, or --backend simd");
}
