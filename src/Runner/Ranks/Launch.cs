using System.Globalization;

namespace GpuCam.Runner.Ranks;

/// <summary>
/// Which rank of how many this process is, by the environment that its launcher gave it: known before MPI is loaded, for help, for a command
/// line that is wrong, and to tell whether MPI is wanted at all.
/// </summary>
/// <param name="Rank">0 … <paramref name="Size"/> - 1.</param>
/// <param name="Size">More than one.</param>
internal sealed record Launch(int Rank, int Size)
{
    // Open MPI; MPICH and its relatives, and srun --mpi=pmi2; srun --mpi=pmix. Slurm's own number alone says nothing: a batch script has it,
    // and runs once.
    private static readonly (string Rank, string Size)[] s_variables =
        [("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"), ("PMI_RANK", "PMI_SIZE"), ("PMIX_RANK", "SLURM_NTASKS")];

    /// <summary>Null where no launcher started this process, or this one alone.</summary>
    public static Launch? Find() => Find(Environment.GetEnvironmentVariable);

    internal static Launch? Find(Func<string, string?> variable)
    {
        foreach ((string rank, string size) in s_variables)
        {
            if (Number(variable(rank)) is { } own && Number(variable(size)) is { } all)
            {
                return all > 1 && own < all ? new Launch(own, all) : null;
            }
        }

        return null;
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
