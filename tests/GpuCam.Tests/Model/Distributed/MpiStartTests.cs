using GpuCam.Model;

namespace GpuCam.Tests.Model.Distributed;

/// <summary>What of MPI is told without any: who started this process, which library is looked for, and what users read.</summary>
public sealed class MpiStartTests
{
    [Theory]
    [InlineData("")]
    [InlineData("SLURM_JOB_ID=7 SLURM_PROCID=0 SLURM_NTASKS=4")]        // a batch script, not started by srun
    [InlineData("SLURM_STEP_NUM_TASKS=1 SLURM_PROCID=0")]
    [InlineData("OMPI_COMM_WORLD_SIZE=many")]
    public void A_process_by_itself_has_no_launcher(string environment) => Assert.Null(Launch(environment));

    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=3 PMIX_RANK=3", "mpirun of Open MPI", 4, 3, false)]
    [InlineData("OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_RANK=3 SLURM_STEP_NUM_TASKS=2", "mpirun of Open MPI", 4, 3, false)]
    [InlineData("PMIX_RANK=1 SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1", "srun with PMIx", 2, 1, false)]
    [InlineData("PMIX_RANK=1", "a launcher with PMIx", null, 1, false)]
    [InlineData("PMI_RANK=0 PMI_SIZE=2", "mpiexec of MPICH", 2, 0, true)]
    [InlineData("PMI_RANK=0 PMI_SIZE=2 SLURM_STEP_NUM_TASKS=2", "srun with PMI", 2, 0, true)]
    [InlineData("SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=1", "srun", 2, 1, false)]
    public void A_launcher_is_known_by_its_environment(string environment, string launcher, int? size, int? rank, bool isMpich)
    {
        MpiLaunch launch = Launch(environment)!;
        Assert.Equal((launcher, size, rank, isMpich), (launch.Launcher, launch.Size, launch.Rank, launch.IsMpich));
    }

    [Fact]
    public void The_launchers_own_library_is_looked_for_first()
    {
        string[] open = [.. MpiLibrary.Names(Launch("OMPI_COMM_WORLD_SIZE=2")!)], mpich = [.. MpiLibrary.Names(Launch("PMI_RANK=0")!)];
        Assert.Contains("40", open[0], StringComparison.Ordinal);
        Assert.Contains("12", mpich[0], StringComparison.Ordinal);
        Assert.Equal(open.Order(StringComparer.Ordinal), mpich.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE=2", "apt-get install openmpi-bin")]
    [InlineData("PMI_RANK=0", "apt-get install mpich")]
    public void A_library_that_does_not_load_is_named_with_the_way_out(string environment, string wayOut)
    {
        MpiLaunch launch = Launch(environment)!;
        string said = Assert.Throws<GpuCamException>(() => MpiLibrary.Load(launch, "/nowhere/libmpi.so")).Message;
        Assert.StartsWith("GPUCAM_MPI=/nowhere/libmpi.so does not load", said, StringComparison.Ordinal);
        said = MpiLibrary.Missing(launch, ["libmpi.so.40", "libmpi.so"]);
        Assert.Contains(
            "started this process, but there is no library of MPI (looked for libmpi.so.40, libmpi.so)", said, StringComparison.Ordinal);
        Assert.Contains(wayOut, said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE=2", "mpirun of Open MPI started 2 ranks, but for MPICH 4.0.2 there is 1: launcher and library")]
    [InlineData("SLURM_STEP_NUM_TASKS=2", "srun started 2 tasks, but for MPICH 4.0.2 there is 1: start them with srun --mpi=pmix")]
    public void Ranks_that_do_not_find_each_other_are_told_why(string environment, string said) =>
        Assert.StartsWith(said, Launch(environment)!.Mismatch("MPICH 4.0.2", 1), StringComparison.Ordinal);

    [Theory]
    [InlineData("Open MPI v4.1.4, package: Debian OpenMPI, ident: 4.1.4, repo rev: v4.1.4, May 26, 2022", "Open MPI 4.1.4")]
    [InlineData("MPICH Version:\t4.0.2\nMPICH Release date:\tThu Apr  7 12:34:45 CDT 2022\n", "MPICH 4.0.2")]
    [InlineData("Intel(R) MPI Library 2021.9 for Linux* OS\n", "Intel(R) MPI Library 2021.9 for Linux* OS")]
    [InlineData("MVAPICH2 Version      :\t2.3.7\nMVAPICH2 Release date : x", "MVAPICH2 2.3.7")]
    public void A_library_is_called_by_its_name_and_number(string text, string name) => Assert.Equal(name, MpiText.Shortened(text));

    [Theory]
    [InlineData(null, 15)]
    [InlineData("", 15)]
    [InlineData("0", 0)]
    [InlineData("2.5", 2.5)]
    public void The_longest_silence_is_given_in_seconds(string? variable, double seconds) =>
        Assert.Equal(seconds, MpiWatch.Limit(variable));

    [Theory]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData("1e999")]
    public void A_silence_that_is_no_number_of_seconds_is_refused(string variable) =>
        Assert.Contains(variable, Assert.Throws<GpuCamException>(() => MpiWatch.Limit(variable)).Message, StringComparison.Ordinal);

    private static MpiLaunch? Launch(string environment)
    {
        var variables = environment.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('='))
            .ToDictionary(one => one[0], one => one[1]);
        return MpiLaunch.Of(name => variables.GetValueOrDefault(name));
    }
}
