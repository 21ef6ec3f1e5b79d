using System.CommandLine;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Benchmarks;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Commands;

/// <summary>The options of <c>gpucam bench</c> for a job of ranks, and what it then does.</summary>
internal sealed class RankBench
{
    private const int UsualBatch = 256, UsualShards = 8;

    private readonly Option<bool> _ranks = new("--ranks")
    {
        Description = "under mpirun: time sums between the ranks, and predict training on 1 to 1024 of them, of the reference network and "
            + "of --model",
    };
    private readonly Option<string?> _svg = new("--svg")
    {
        Description = "also draw the efficiency that --ranks predicts, as SVG",
        HelpName = "FILE",
    };
    private readonly Option[] _ofOneProcess;

    /// <summary>Adds the options.</summary>
    /// <param name="command">Gets it.</param>
    /// <param name="ofOneProcess">Options that say nothing to ranks.</param>
    public RankBench(Command command, params Option[] ofOneProcess)
    {
        _ofOneProcess = ofOneProcess;
        command.Options.Add(_ranks);
        command.Options.Add(_svg);
    }

    /// <summary>Whether it is meant.</summary>
    /// <exception cref="GpuCamException">There is one process, or options were given that do not go together.</exception>
    public bool IsAsked(ParseResult parsed)
    {
        if (!parsed.GetValue(_ranks))
        {
            return parsed.GetValue(_svg) is null ? false : throw new GpuCamException("--svg draws what --ranks predicts; give --ranks too");
        }

        if (RankJob.OfProcess.IsAlone)
        {
            throw new GpuCamException(
                "--ranks times what several processes do together; start them by MPI: mpirun -n 2 gpucam bench --ranks");
        }

        Option? other = _ofOneProcess.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });
        return other is null ? true : throw new GpuCamException($"{other.Name} and --ranks do not go together; leave one of them out");
    }

    /// <summary>Times the ranks, the reference network and, if there is one, another, and says what came out.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="device">Where networks run.</param>
    /// <param name="batch">Images of a step in all; null for the usual number.</param>
    /// <param name="seconds">For each network; a tenth of it for each size of a sum.</param>
    /// <param name="model">Loads another network, and its name.</param>
    /// <param name="json">Whether for scripts.</param>
    public void Run(
        ParseResult parsed, IDevice device, int? batch, double seconds, (string Name, Func<Execution> Load)? model, bool json)
    {
        RankJob job = RankJob.OfProcess;
        int images = batch ?? UsualBatch;
        IReadOnlyList<RankLink> links = new SumBenchmarks(job, seconds / 10).Measure();
        var steps = new StepBenchmarks(job, seconds);
        var networks = new List<NetworkCost> { new("reference", steps.Reference(device)) };
        if (model is { } other)
        {
            using Execution execution = job.Together(other.Load);
            networks.Add(new NetworkCost(Path.GetFileNameWithoutExtension(other.Name), steps.Of(execution)));
        }

        var report = new RankBenchReport
        {
            Device = device.Description,
            Precision = DeviceCatalog.NameOf(device.Precision),
            Build = DeviceCatalog.Engine,
            Library = job.Communicator.Description,
            Ranks = job.Size,
            Machines = job.AllGather(job.Communicator.LocalRank).Count(rank => rank == 0),
            Batch = images,
            EachBatch = Math.Max(1, images / UsualShards),
            Links = links,
            Networks = networks,
        };
        job.OnFirst(() =>
        {
            if (parsed.GetValue(_svg) is { } file)
            {
                ScalingChart.Of(report).WriteFile(file);
            }

            Console.Out.WriteLine(json ? RunnerJson.Line(report) : report.ToText(Printable.Line));
        });
    }
}
