using System.Globalization;

namespace GpuCam.Model;

/// <summary>What started this process as one of several, by the environment that it left.</summary>
/// <param name="Launcher">Its name, for people.</param>
/// <param name="Size">How many processes it started, where it says so.</param>
/// <param name="Rank">Which one this is, where it says so.</param>
/// <param name="IsSlurm">Whether Slurm started it.</param>
/// <param name="IsMpich">Whether the launcher is that of MPICH or of its kin.</param>
internal sealed record MpiLaunch(string Launcher, int? Size, int? Rank, bool IsSlurm, bool IsMpich)
{
    /// <summary>What a user with Debian installs.</summary>
    public string Package => IsMpich ? "mpich" : "openmpi-bin";

    /// <summary>How this process was started; null if by itself.</summary>
    /// <param name="variable">Environment variables.</param>
    public static MpiLaunch? Of(Func<string, string?> variable)
    {
        int? Number(string name) =>
            int.TryParse(variable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

        // Slurm's variables are there in a batch script too; this one is a step's, of srun.
        int? tasks = Number("SLURM_STEP_NUM_TASKS");
        if (Number("OMPI_COMM_WORLD_SIZE") is { } size)
        {
            return new MpiLaunch("mpirun of Open MPI", size, Number("OMPI_COMM_WORLD_RANK"), IsSlurm: false, IsMpich: false);
        }

        if (Number("PMIX_RANK") is { } rank)
        {
            return new MpiLaunch(tasks is null ? "a launcher with PMIx" : "srun with PMIx", tasks, rank, tasks is not null, IsMpich: false);
        }

        if (Number("PMI_RANK") is { } pmiRank)
        {
            return new MpiLaunch(
                tasks is null ? "mpiexec of MPICH" : "srun with PMI", Number("PMI_SIZE") ?? tasks, pmiRank, tasks is not null,
                IsMpich: true);
        }

        return tasks > 1 ? new MpiLaunch("srun", tasks, Number("SLURM_PROCID"), IsSlurm: true, IsMpich: false) : null;
    }

    /// <summary>The line for a user whose ranks do not find each other.</summary>
    /// <param name="library">What the library calls itself.</param>
    /// <param name="size">The size of its world.</param>
    public string Mismatch(string library, int size) =>
        IsSlurm
            ? $"srun started {Size} tasks, but for {library} there {(size == 1 ? "is 1" : $"are {size}")}: start them with srun --mpi=pmix "
                + "(srun --mpi=list tells what this cluster has)"
            : $"{Launcher} started {Size} ranks, but for {library} there {(size == 1 ? "is 1" : $"are {size}")}: launcher and library do "
                + $"not belong together; start them with that library's own mpirun, or set {MpiLibrary.Variable} to the launcher's libmpi";
}
