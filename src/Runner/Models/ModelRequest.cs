namespace GpuCam.Runner.Models;

/// <summary>A model file, and what the user says of it that the file does not.</summary>
/// <param name="Path">A file (.onnx or .safetensors), a run's folder, or the name of a model that was fetched.</param>
internal sealed record ModelRequest(string Path)
{
    /// <summary>The side of the images, for a safetensors file that does not tell.</summary>
    public int? Size { get; init; }

    /// <summary>A file of class names.</summary>
    public string? Classes { get; init; }

    /// <summary>A preset's name or a file that says how pictures become the input.</summary>
    public string? Preprocess { get; init; }

    /// <summary>How a picture meets the network's size.</summary>
    public Model.PictureFit? Fit { get; init; }

    /// <summary>The output that is explained, where a network has several.</summary>
    public string? Logits { get; init; }

    /// <summary>Whether a fetched network is wanted as it was fetched, without the head that this program has for it.</summary>
    public bool Bare { get; init; }
}
