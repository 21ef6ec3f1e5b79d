using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Models;

/// <summary>The file of a network that heads are for, and how it is known again.</summary>
/// <param name="Name">What a head's file calls it: the name of a fetched model, or the path of a file.</param>
/// <param name="File">The file.</param>
/// <param name="Sha256">Of it, in hexadecimal digits.</param>
internal sealed record BaseFile(string Name, string File, string Sha256)
{
    /// <summary>What a request means.</summary>
    /// <exception cref="GpuCamException">It is not there.</exception>
    public static BaseFile Of(string request)
    {
        string file = ModelLoader.FileOf(request);
        return file != request && ModelSource.Known.FirstOrDefault(model => model.Name == request) is { } known
            ? new BaseFile(known.Name, file, known.Files[0].Sha256)        // it was checked when it was fetched
            : new BaseFile(Path.GetFullPath(file), file, Hash(file));
    }

    /// <summary>The network that a head was trained on: by its name, its path, or beside the head.</summary>
    /// <exception cref="GpuCamException">It is not there, or is another one.</exception>
    public static BaseFile OfHead(HeadFile head, string headFile)
    {
        string beside = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(headFile))!, Path.GetFileName(head.Base));
        bool isFetched = ModelSource.Known.Any(model => model.Name == head.Base);
        string found = isFetched || System.IO.File.Exists(head.Base) ? head.Base
            : System.IO.File.Exists(beside) ? beside
            : throw new GpuCamException(
                $"{headFile}: it is the head of {head.Base}, which is not there; put that file back, or beside the head");
        BaseFile known = Of(found);
        return known.Sha256 == head.BaseSha256 ? known : throw new GpuCamException(
            $"{headFile}: it is the head of a {Path.GetFileName(head.Base)} with SHA-256 {head.BaseSha256}, but that of {known.File} is "
            + $"{known.Sha256}; put the network back that it was trained on, or train a new head");
    }

    private static string Hash(string file)
    {
        try
        {
            using FileStream stream = System.IO.File.OpenRead(file);
            return Convert.ToHexStringLower(Runner.Sha256.Of(stream));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException($"{file}: the model cannot be read ({e.Message.TrimEnd('.')}); give a file of ONNX or one that "
                + "'gpucam train' wrote, a run folder, or a fetched model's name", e);
        }
    }
}

/// <summary>Networks with another head than their own.</summary>
internal static class HeadLoader
{
    /// <summary>The network that a head file makes of its base; the caller disposes it.</summary>
    /// <param name="request">What the user says of it.</param>
    /// <param name="head">The head.</param>
    /// <param name="headFile">Its file.</param>
    /// <param name="device">Where the network will run.</param>
    /// <exception cref="GpuCamException">The base is not there, or is another one.</exception>
    public static Execution Load(ModelRequest request, HeadFile head, string headFile, IDevice device)
    {
        var known = BaseFile.OfHead(head, headFile);
        var bare = new ModelRequest(known.File) { Size = request.Size, Bare = true };
        return Load(bare, device, body => ModelLoader.Named(head.Attach(body), request));
    }

    /// <summary>A network that is made of another one's; parameters that both have are the same.</summary>
    public static Execution Load(ModelRequest request, IDevice device, Func<Network, Network> attach)
    {
        string path = ModelLoader.FileOf(request.Path);
        if (ModelLoader.IsOnnx(path))
        {
            Network network = attach(ModelLoader.Describe(request, path, ModelLoader.Read(request, path)));
            var execution = new Execution(device, network);
            execution.LoadInBackground();
            return execution;
        }

        using Execution body = ModelLoader.Load(request, device);
        var own = new Execution(device, attach(body.Network));
        HeadNetwork.CopyShared(body, own);
        return own;
    }
}
