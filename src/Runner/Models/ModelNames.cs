using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Models;

/// <summary>What the user calls a model: a file, a run's folder, or the name under which it is fetched.</summary>
internal static class ModelNames
{
    /// <summary>The file that is meant: of a run's folder its best model, of a fetched model's name the file in the cache.</summary>
    /// <exception cref="GpuCamException">It is not fetched yet.</exception>
    public static string FileOf(string name) => Fetched(name) is { } known ? FileOf(known) : NetworkLoader.FileOf(name);

    /// <summary>The file that is meant, with the head that this program has for a fetched network.</summary>
    /// <param name="name">What the user calls it.</param>
    /// <param name="logits">The output that is explained; with one, the network is wanted as it was fetched.</param>
    /// <exception cref="GpuCamException">It is not fetched yet.</exception>
    public static NetworkRequest Request(string name, string? logits = null) => new(FileOf(name))
    {
        Logits = logits,
        Head = HeadFor(name, logits),
        FindBase = FetchedBase,
    };

    /// <summary>The head that this program has for a fetched network, by its name alone; null for an output of the network's own.</summary>
    public static HeadFile? HeadFor(string name, string? logits) =>
        logits is null && Fetched(name) is { } known ? BuiltInHead.Find(known.Name) : null;

    /// <summary>The network that heads are trained on.</summary>
    /// <exception cref="GpuCamException">It is not there.</exception>
    public static BaseFile BaseOf(string name) => Fetched(name) is { } known ? BaseOf(known) : BaseFile.Of(name);

    /// <summary>The fetched network of that name; null where none is called so.</summary>
    /// <exception cref="GpuCamException">It is not fetched yet.</exception>
    public static BaseFile? FetchedBase(string name) => Known(name) is { } known ? BaseOf(known) : null;

    /// <summary>The architecture of weights, by their file.</summary>
    /// <exception cref="GpuCamException">It is none that this program builds.</exception>
    public static string ArchitectureOf(string weights) => InitialWeights.Read(FileOf(weights)).Architecture
        ?? throw new GpuCamException($"{weights}: these are the weights of no network that this program builds; give --arch as well, or "
            + $"weights of {string.Join(", ", Architectures.Names)}");

    /// <summary>The fetched model of that name, unless there is a file or a folder of the same.</summary>
    private static ModelSource? Fetched(string name) => Path.Exists(name) ? null : Known(name);

    private static ModelSource? Known(string name) => ModelSource.Known.FirstOrDefault(model => model.Name == name);

    private static BaseFile BaseOf(ModelSource known) =>
        new(known.Name, FileOf(known), known.Files[0].Sha256);      // it was checked when it was fetched

    private static string FileOf(ModelSource known)
    {
        string file = Path.Combine(CacheFolder.Locate(null), known.Name, known.Files[0].Name);
        return File.Exists(file) ? file
            : throw new GpuCamException($"{known.Name} is not fetched yet; give 'gpucam model get {known.Name}' first");
    }
}
