using System.CommandLine;
using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Runner.Commands;

/// <summary>The option that names a model file, and its loading.</summary>
internal sealed class ModelOptions
{
    private readonly Option<string> _model;

    /// <summary>The option <c>--model</c>, which must be given.</summary>
    public ModelOptions(Command command)
    {
        _model = new("--model", "-m")
        {
            Description = "model file (.safetensors), or a run folder, whose best model is taken",
            HelpName = "FILE", Required = true
        };
        command.Options.Insert(0, _model);      // first in the help: no other is required
    }

    /// <summary>Another model, which may be left out.</summary>
    public ModelOptions(string name, string description) => _model = new(name) { Description = description, HelpName = "FILE" };

    /// <summary>Adds the option to a command.</summary>
    public void AddTo(Command command) => command.Options.Add(_model);

    /// <summary>Whether the option was given.</summary>
    public bool IsGiven(ParseResult parsed) => parsed.GetResult(_model) is { Implicit: false };

    /// <summary>Path of the model file.</summary>
    public string Path(ParseResult parsed)
    {
        string path = parsed.GetRequiredValue(_model);
        return Directory.Exists(path) ? System.IO.Path.Combine(path, "best.safetensors") : path;
    }

    /// <summary>Loads the network; <paramref name="size"/> is needed only where the file does not say how large its images are.</summary>
    public Execution Load(ParseResult parsed, IDevice device, int? size)
    {
        string path = Path(parsed);
        try
        {
            using FileStream stream = File.OpenRead(path);
            return ModelFile.Load(stream, path, device, size);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException(
                $"{path}: the model cannot be read ({e.Message.TrimEnd('.')}); give a file that 'gpucam train' wrote", e);
        }
    }
}
