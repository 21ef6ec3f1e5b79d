using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Writes the gradient of input number <paramref name="input"/> and returns its name; all tensors are [N, C, H, W].</summary>
internal delegate string GradientRule(GradientCall call, Node node, int input);

/// <summary>A node whose gradient is being written: what is known of its forward pass, and the gradient of what it made.</summary>
internal sealed class GradientCall(ForwardExport forward, Node node, string dy)
    : OnnxTerms(forward, $"gradient/{node.Name}")
{
    /// <summary>The gradient of the output.</summary>
    public string DY => dy;

    /// <summary>What the node made.</summary>
    public string Y => Forward.NameOf(node.Output);

    /// <summary>What it made has these extents.</summary>
    public Shape YShape => node.Output.Shape;

    /// <summary>Whether the file takes one image at a time, so that extents along the images are known.</summary>
    public bool OneByOne => Forward.Graph.MixesImages;

    /// <summary>What it read.</summary>
    public string X(int input = 0) => Forward.NameOf(node.Inputs[input]);

    /// <summary>Extents of what it read.</summary>
    public Shape XShape(int input = 0) => node.Inputs[input].Shape;

    /// <summary>The form that an input was made in, which says how the forward pass has the weight.</summary>
    public OnnxForm FormOf(int input = 0) => Forward.FormOf(node.Inputs[input]);

    /// <summary>Parameters; those of the forward pass are in the file already.</summary>
    public ExportedNumbers Numbers => Forward.Numbers;

    /// <summary>
    /// The output's gradient seen as <paramref name="back"/> sees it, out of [N*n, H, W, C], in the extents of the input; null where that
    /// cannot be seen in one go.
    /// </summary>
    public string? Moved(Func<OnnxView, OnnxView?> back)
    {
        OnnxView? view = back(Forward.SeenFrom(node.Output, OnnxForm.Picture))?.Reshape(Forward.ExtentsOf(node.Inputs[0]));
        return view is null ? null : Forward.Move(dy, OnnxForm.Picture.Extents(Forward.ExtentsOf(node.Output)),
            ForwardExport.InForm(view, OnnxForm.Picture), Forward.Writer.Fresh($"gradient/{node.Name}/moved"));
    }

    /// <summary>Sums over neighbouring channels (<see cref="ChannelWindows"/>).</summary>
    public string ChannelSums(string values, int before, int behind) => Forward.ChannelSums(values, XShape(), before, behind);

    /// <summary>The place of an axis in [N, C, H, W].</summary>
    /// <exception cref="GpuCamException">It is that of the images, whose number is not known.</exception>
    public long Place(Axis axis) => axis switch
    {
        Axis.C => 1,
        Axis.H => 2,
        Axis.W => 3,
        _ when OneByOne => 0,
        _ => throw Error("works along the images of a batch, whose number a file does not know"),
    };

    /// <summary>Why a gradient cannot be written.</summary>
    public GpuCamException Error(string why) => new(
        $"'{node.Name}': the gradient through a {node.Kind} node cannot be written: it {why}; choose a value behind it");
}
