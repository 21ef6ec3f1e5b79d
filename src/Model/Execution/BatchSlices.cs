using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// A batch on a host goes through a network a few images at a time where its values are large and its parameters few: a step then finds
/// in the caches what the one before it wrote, and the parameters, which are read for each slice, cost less than that saves.
/// </summary>
internal sealed class BatchSlices : IDisposable
{
    /// <summary>Images of a slice: enough for all threads to have whole tiles in the smallest layers.</summary>
    private const int Images = 4;

    /// <summary>How many times an image's largest value the parameters may be.</summary>
    private const long MostParameters = 6;

    private readonly Execution _execution;
    private readonly Pass _pass;
    private readonly Planner _planner;
    private readonly ReusedTensor _output;
    private readonly bool _pays;

    public BatchSlices(Execution execution, Pass pass, Planner planner)
    {
        (_execution, _pass, _planner) = (execution, pass, planner);
        Graph graph = execution.Graph;
        _output = new ReusedTensor(execution.Device, graph.Output.Name);
        _pays = execution.Device is HostDevice { Vectorized: true } && execution.Whole is null && !graph.MixesImages
            && graph is { Inputs.Count: 1, Outputs.Count: 1 }
            && graph.ParameterCount <= MostParameters * graph.Values.Max(value => (long)value.Shape.Count);
    }

    /// <summary>How many images a pass takes together, as long as nothing but the output is wanted of it.</summary>
    public int Count(Wanted wanted) => _pays && wanted.IsNothing ? Images : int.MaxValue;

    /// <summary>The output of all images; other values are not kept, and computed for all of them when they are asked for.</summary>
    public Tensor Forward(Wanted wanted, Tensor images)
    {
        Graph graph = _execution.Graph;
        Shape all = images.Shape;
        Tensor? whole = null;
        for (int first = 0; first < all.N; first += Images)
        {
            Shape some = all.WithN(Math.Min(Images, all.N - first));
            long offset = (long)first * all.H * all.W * all.C;
            var slice = new Tensor(images.Buffer, images.Offset + checked((int)offset), images.Name, some);
            _execution.Begin([(graph.Input, slice)]);
            _pass.Run(_planner.Pass(_pass.Start, graph.Outputs, wanted, keep: true));
            Tensor made = _pass.Known(graph.Output)!;
            whole ??= _output.Get(made.Shape.WithN(all.N));
            CopyRegion.Forward(made, whole, default, made.Shape, new Shape(first, 0, 0, 0));
        }

        _execution.Begin([(graph.Input, images)]);
        _pass.Took([(graph.Output, whole!)], graph.Infer([all.WithN(1)]));
        return whole!;
    }

    /// <inheritdoc/>
    public void Dispose() => _output.Dispose();
}
