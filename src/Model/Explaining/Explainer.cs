using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Says what a network sees in pictures and where: classes with their probabilities, class activation maps, boxes, overlays.
/// </summary>
/// <remarks>
/// For any number of threads: calls take turns on the network, and pictures are prepared beside the call that computes. Different
/// explainers do not know of each other. What a call returns is the caller's and does not change.
/// </remarks>
public sealed class Explainer : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Execution _execution;
    private readonly IDisposable[] _owned;
    private readonly PictureMaps _maps;
    private readonly Preprocessing _preprocessing;
    private readonly int _batch;
    private bool _disposed;

    /// <summary>Of a network that is loaded already.</summary>
    /// <param name="execution">The network. Nobody else may use it, or its device, while a call is under way.</param>
    /// <param name="owns">Whether <see cref="Dispose"/> frees it too; its device never.</param>
    /// <exception cref="GpuCamException">Nothing says how pictures become its input, or it has nothing to map.</exception>
    public Explainer(Execution execution, bool owns) : this(execution, new ExplainerOptions().BatchSize, owns ? [execution] : [])
    {
    }

    private Explainer(Execution execution, int batch, params IDisposable[] owned)
    {
        ArgumentNullException.ThrowIfNull(execution);
        _preprocessing = execution.Network.Preprocessing ?? throw new GpuCamException(
            "nothing says how pictures become this network's input; give ExplainerOptions.Preprocessing, such as "
            + $"Preprocessing.Preset(\"imagenet\") (there are {string.Join(", ", Preprocessing.Presets)}), or a MODEL.preprocess.json "
            + "beside the model");
        (_execution, _owned) = (execution, owned);
        _batch = execution.Graph.MixesImages ? 1 : batch;
        _maps = new PictureMaps(execution);
    }

    /// <summary>
    /// Loads a network: an .onnx file, or a .safetensors file that <c>gpucam train</c> wrote, of a network or of a head for one, or a
    /// run's folder, whose best model is taken. How pictures become its input and what its classes are called comes from the options,
    /// else from what lies beside the file, else from what the file says itself.
    /// </summary>
    /// <param name="path">The file or folder.</param>
    /// <param name="options">Where to compute, and what the file does not say; null takes the defaults.</param>
    /// <exception cref="GpuCamException">
    /// The file is none that can be run, the device is not there, what was said does not fit, or nothing says how pictures become its
    /// input. The message is one line that says what to do.
    /// </exception>
    public static Explainer Load(string path, ExplainerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        options ??= new ExplainerOptions();
        if (options.BatchSize < 1)
        {
            throw new GpuCamException($"{options.BatchSize} pictures at once cannot be; give at least 1");
        }

        IDevice device = DeviceCatalog.Create(options.Backend, options.DeviceIndex, options.Threads, options.Precision);
        Execution? execution = null;
        try
        {
            execution = NetworkLoader.Load(options.Request(path), device);
            return new Explainer(execution, options.BatchSize, execution, device);
        }
        catch
        {
            execution?.Dispose();
            device.Dispose();
            throw;
        }
    }

    /// <summary>The network: its graph, its input, and how pictures become it.</summary>
    public Network Network => _execution.Network;

    /// <summary>What computes, in one line: <c>host, 2 threads, Vector512</c>.</summary>
    public string Device => _execution.Device.Description;

    /// <summary>One name per class, in the order of their indices.</summary>
    public IReadOnlyList<string> ClassNames => Network.ClassNames;

    /// <summary>The values that can be mapped, from the picture on.</summary>
    public IReadOnlyList<string> LayerNames => _maps.Engine.LayerNames;

    /// <summary>What is mapped unless another is asked for: what is pooled, or else the last value with a place in the picture.</summary>
    public string DefaultLayer => _maps.Engine.DefaultLayer;

    /// <summary>The methods that can map this network at <see cref="DefaultLayer"/>; <see cref="CamMethods"/> describes them.</summary>
    public IReadOnlyList<string> MethodNames => [.. CamMethods.For(Network).Select(method => method.Name)];

    /// <summary>Explains one picture.</summary>
    /// <param name="rgb">3 bytes a pixel, RGB, row by row from the top, without padding (others: <see cref="RgbPicture.From"/>).</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="request">What to map and how; null for the exact map, or else Grad-CAM, of the best class.</param>
    /// <param name="progress">Hears how it goes, on the thread that computes.</param>
    /// <param name="token">Ends the waiting for the turn, and the work between two passes.</param>
    /// <exception cref="GpuCamException">The picture or the request does not fit the network; one line says what to give.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The explainer was disposed of.</exception>
    public Explanation Explain(
        ReadOnlySpan<byte> rgb, int width, int height, ExplainRequest? request = null, IProgress<ExplainProgress>? progress = null,
        CancellationToken token = default)
    {
        PictureGeometry geometry = _preprocessing.Plan(width, height);
        float[] input = new float[Preprocessing.InputLength(geometry, Network.Channels)];
        _preprocessing.Apply(rgb, geometry, Network.Channels, input);
        return Explain(new Batch([geometry], input, 0, 1), request ?? new ExplainRequest(), progress, token)[0];
    }

    /// <summary>
    /// Explains pictures, several at once (<see cref="ExplainerOptions.BatchSize"/>). Other calls get their turn between two batches.
    /// </summary>
    /// <param name="pictures">The pictures, of any sizes.</param>
    /// <param name="request">What to map and how; null for the exact map, or else Grad-CAM, of the best class of each.</param>
    /// <param name="progress">Hears how it goes, on the thread that computes.</param>
    /// <param name="token">Ends the waiting for the turn, and the work between two passes.</param>
    /// <returns>One per picture, in their order.</returns>
    /// <exception cref="GpuCamException">A picture or the request does not fit the network; one line says what to give.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The explainer was disposed of.</exception>
    public IReadOnlyList<Explanation> Explain(
        IReadOnlyList<RgbPicture> pictures, ExplainRequest? request = null, IProgress<ExplainProgress>? progress = null,
        CancellationToken token = default)
    {
        ArgumentNullException.ThrowIfNull(pictures);
        request ??= new ExplainRequest();
        PictureGeometry[] plans = [.. pictures.Select(picture => _preprocessing.Plan(picture.Width, picture.Height))];
        var explained = new List<Explanation>(pictures.Count);
        while (explained.Count < pictures.Count)
        {
            token.ThrowIfCancellationRequested();
            Batch batch = Prepare(pictures, plans, explained.Count);
            explained.AddRange(Explain(batch, request, progress, token));
        }

        return explained;
    }

    /// <summary>Waits for the call that is under way, then frees memory and, where it is the explainer's own, network and device.</summary>
    public void Dispose()
    {
        _turn.Wait();
        try
        {
            if (!_disposed)
            {
                _disposed = true;
                _maps.Dispose();
                foreach (IDisposable owned in _owned)
                {
                    owned.Dispose();
                }
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The next pictures, as far as their inputs have one size.</summary>
    private Batch Prepare(IReadOnlyList<RgbPicture> pictures, PictureGeometry[] plans, int first)
    {
        int count = 1, channels = Network.Channels, length = Preprocessing.InputLength(plans[first], channels);
        (int Height, int Width) size = (plans[first].InputHeight, plans[first].InputWidth);
        while (count < _batch && first + count < plans.Length
            && size == (plans[first + count].InputHeight, plans[first + count].InputWidth))
        {
            count++;
        }

        float[] inputs = new float[checked(count * length)];
        for (int i = 0; i < count; i++)
        {
            _preprocessing.Apply(pictures[first + i].Pixels.Span, plans[first + i], channels, inputs.AsSpan(i * length, length));
        }

        return new Batch(plans[first..(first + count)], inputs, first, plans.Length);
    }

    private Explanation[] Explain(Batch batch, ExplainRequest request, IProgress<ExplainProgress>? progress, CancellationToken token)
    {
        _turn.Wait(token);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            request.Check(Network.ClassCount);
            CamEngine engine = _maps.Engine;
            (engine.Smoothing, engine.Target, engine.Token) = (request.Smoothing, request.Target, token);
            _maps.BoxThreshold = request.BoxThreshold;
            ICamMethod method = request.Method is { } name
                ? CamMethods.Create(name, request.Settings) : CamMethods.Usual(engine);
            IReadOnlyList<string> layers = engine.LayersOf(request.Layer ?? engine.DefaultLayer);
            engine.Check(method, layers);
            return Explain(batch, request, (method, layers), progress);
        }
        finally
        {
            _turn.Release();
        }
    }

    private Explanation[] Explain(
        Batch batch, ExplainRequest request, (ICamMethod Method, IReadOnlyList<string> Layers) how, IProgress<ExplainProgress>? progress)
    {
        CamEngine engine = _maps.Engine;
        PictureGeometry[] plans = batch.Plans;
        int n = plans.Length, width = Network.LogitCount, each = request.Count(Network.ClassCount), total = batch.Of * each;
        int done = batch.First * each;
        engine.Progress = progress is null ? null
            : (copies, all) => progress.Report(new ExplainProgress(done, total, (done + ((double)n * copies / all)) / total));
        engine.Token.ThrowIfCancellationRequested();
        var shape = new Shape(n, plans[0].InputHeight, plans[0].InputWidth, Network.Channels);
        float[] logits = _maps.Logits(batch.Inputs, shape, [.. Enumerable.Range(batch.First, n)]);
        IReadOnlyList<ClassPrediction>[] predictions =
            [.. plans.Select((_, i) => ClassPrediction.All(logits.AsSpan(i * width, width), ClassNames))];
        ClassPrediction[][] wanted = [.. predictions.Select(request.Of)];
        var maps = new ClassMap[n][];
        for (int i = 0; i < n; i++)
        {
            maps[i] = new ClassMap[each];
        }

        for (int place = 0; place < each; place++)
        {
            ClassMap?[] made = _maps.Maps(how.Method, how.Layers, [.. plans.Select((plan, i) => new MapSubject(wanted[i][place], plan))]);
            for (int i = 0; i < n; i++)
            {
                maps[i][place] = made[i]!;
            }

            done += n;
            progress?.Report(new ExplainProgress(done, total, (double)done / total));
        }

        return [.. plans.Select((plan, i) => new Explanation(predictions[i], maps[i], plan))];
    }

    /// <summary>Prepared pictures of one size.</summary>
    /// <param name="Plans">Where each one's input lies on it.</param>
    /// <param name="Inputs">One after the other.</param>
    /// <param name="First">The number of the first in the caller's list.</param>
    /// <param name="Of">Pictures in that list.</param>
    private readonly record struct Batch(PictureGeometry[] Plans, float[] Inputs, int First, int Of);
}
